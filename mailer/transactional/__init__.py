"""The mails that one person is owed because of something they did: confirm, welcome, your link, your new address.

May import `sending` and everything below, and `subscribers`.
"""
