#include "accounts/account_service.hpp"

#include "db/database.hpp"
#include "directory/grant_service.hpp"

int short_enough() {
    return 1;
}
