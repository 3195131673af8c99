#include <pistache/http.h>
