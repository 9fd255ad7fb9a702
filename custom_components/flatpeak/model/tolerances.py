"""All tolerances: how far two figures may differ and still be the same, and why.

Energy is in kWh, power in kW, money in major currency units, rates per kWh.
"""

# Energy that no charger and no meter can tell apart from nothing: times are sent in whole
# seconds, and a second of 20 kW is half of this.
NEGLIGIBLE = 0.01

# What is lost where times are rounded to whole microseconds is well below this much energy.
ENERGY_ROUNDING = 1e-6

# Energy left out of a plan that is worth a word, as such and as a share of what is wanted.
LEFT_OUT = 0.1
LEFT_OUT_SHARE = 0.01

# From this share of all that a period can hold on, it is full.
FULL = 0.98

# Powers and rates that only the arithmetic of floats tells apart.
FLOAT_NOISE = 1e-9

# A power in W that only the arithmetic of floats keeps from being a whole number.
WATT_NOISE = 1e-6

# Requests know whole watts, so sums of powers may be that far off.
WATT = 0.001

# Rates and money come rounded to five decimals, so a smaller gain may be none.
MONEY_ROUNDING = 0.00001

# Money below this is the noise of sums over a plan's minutes.
MONEY_NOISE = 1e-6

# What of its cost another plan has to save: while all prices were and are certain a source only
# rewrites them, as in another currency; forecasts are never that exact.
REWRITTEN_SHARE = 0.001
FORECAST_SHARE = 0.01

# Plans of several devices that differ by less than this share differ by rounding.
PLAN_ROUNDING = 1e-7

# So much of the money may it cost to keep a device off: the price of that shows only later.
PLEDGE_SHARE = 0.003
