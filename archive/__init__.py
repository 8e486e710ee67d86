"""What is kept and how it is shown. Knows no Scrapy, spider or parser."""
