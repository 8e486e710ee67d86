"""The version of the parser, for those who only need to tell one reading from another's.

Apart from the parser, whose libraries take half as long to load as the whole rest of a crawl.
"""

#: Raised with every change that can change a stored value.
PARSER = "5"
