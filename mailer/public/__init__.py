"""A door: the pages that readers see. It parses the request, calls one function below, and answers.

May import every stage; no rules live here.
"""
