"""What our own Celery application adds to Celery's."""

import os

import pytest

from mailer.local.paths import Var
from tests.services import celery_worker

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root is warned of root")
def test_a_worker_of_root_says_so_in_one_sentence(redis_server: None, local_var: Var) -> None:
    log = local_var.logs / "root.log"
    with celery_worker(log, concurrency=1):
        said = log.read_text()
    assert "SecurityWarning" not in said
    assert said.count("The worker runs as root and needs no such rights") == 1
