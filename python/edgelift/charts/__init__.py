"""The charts of CloudFront logs: what each shows and how it is computed, independent of where it is drawn.

Fields have their names in real-time logs. Whoever draws a chart looks up their keys in documents.
"""
