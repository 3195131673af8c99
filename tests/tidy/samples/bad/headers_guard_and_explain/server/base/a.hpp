// Says what.
int a();
