#include "db/database.hpp"
#include "http/request.hpp"
