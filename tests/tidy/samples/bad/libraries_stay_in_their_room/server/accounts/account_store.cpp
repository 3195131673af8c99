#include <soci/soci.h>
// soci::session in a comment is fine
void f(soci::session&);
