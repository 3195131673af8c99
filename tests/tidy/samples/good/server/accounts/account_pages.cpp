#include "accounts/account_service.hpp"
#include "http/request.hpp"
