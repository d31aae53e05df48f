"""A door: the REST interface. It parses the request, calls one function below, and answers.

May import every stage; no rules live here.
"""
