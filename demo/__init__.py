"""Sample portals on loopback: one a CMS family, with the markup, the paging and the nuisances of real ones.

``demo.server.DemoPortals`` starts them and says what they published.
"""
