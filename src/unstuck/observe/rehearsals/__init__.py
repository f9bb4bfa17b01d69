"""Controls that need a little training: copies of the user's model, trained briefly after ``fit``.

The user's model, its optimizer and the random states are left as they were.
"""
