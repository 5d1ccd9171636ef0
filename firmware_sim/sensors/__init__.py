"""One module for each kind of sensor that can be bought, written from the maker's documents alone.

`base` has what all of them can be asked, `worn` what they share; `firmware_sim.kits` lists them.
"""
