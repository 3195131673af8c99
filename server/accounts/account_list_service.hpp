// The console's lists of accounts within a viewer's jurisdiction, and the figures of what waits among them.
#pragma once

#include "accounts/account_list_store.hpp"
#include "directory/grant_service.hpp"

namespace madoguchi::accounts {

class AccountListService {
public:
    AccountListService(db::Database& database, directory::GrantService& grants)
        : database_(database), grants_(grants) {}

    struct Page {
        std::vector<ListedAccount> rows;
        bool more = false;  // further ones follow the last row
    };
    /// Errors: forbidden (who may not browse the directory).
    Result<Page> list(const directory::Principal& principal, const AccountQuestion& question, Instant now);
    Result<StateCounts> counts(const directory::Principal& principal, Instant now);

    /// What the day's page shows to those who issue accounts. Errors: forbidden.
    Result<Figure> lapsing(const directory::Principal& principal, Instant now);
    Result<Figure> never_used(const directory::Principal& principal, Instant now);
    Result<Figure> unused(const directory::Principal& principal, Instant now);

private:
    Result<std::vector<ListedAccount>> found(db::Transaction& tx, const Actor& actor, const AccountQuestion& question,
                                             Instant now) const;
    template <class Ask>
    Result<Figure> figure(const directory::Principal& principal, Instant now, Ask&& ask);

    db::Database& database_;
    directory::GrantService& grants_;
    AccountListStore store_;
};

}  // namespace madoguchi::accounts
