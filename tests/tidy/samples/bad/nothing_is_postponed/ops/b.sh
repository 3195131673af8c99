# FIXME
mktemp x.XXXXXX
# XXX
