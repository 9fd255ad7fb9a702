"""The demo: a real Home Assistant with this integration, on recorded or toy prices.

`belgium_week.csv`: day-ahead prices of the Belgian bidding zone from Monday 6 to Sunday
12 October 2025, in quarter hours; public market data, as on the transparency platform
of ENTSO-E. The simulator moves them so that they begin yesterday.
"""
