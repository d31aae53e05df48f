"""A door: the editors' desk in the browser. It parses the request, calls one function below, and answers.

May import every stage; no rules live here.
"""
