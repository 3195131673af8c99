// SQL of the console's lists of accounts: keyset paging, each order served by an index, searches by ranges of text.
#pragma once

#include "accounts/account_list.hpp"
#include "db/database.hpp"

namespace madoguchi::accounts {

/// How many, counted up to a limit, and the earliest date among them.
struct Figure {
    std::int64_t number = 0;
    std::optional<Instant> first;
};

/// Of a jurisdiction with many accounts, or with few: who reads a country asks first for what is rare.
enum class Reading { of_few, of_many };

class AccountListStore {
public:
    /// Rows after `question.after` in its order, without grants; its word is not looked at.
    Result<std::vector<ListedAccount>> list(db::Transaction& tx, const AccountQuestion& question, Reading reading,
                                            Instant now) const;
    /// By the beginning of IDs, names, kana, codes and numbers, of any part of an organization's name, and by the last
    /// four digits of a registered telephone.
    Result<std::vector<ListedAccount>> search(db::Transaction& tx, const SearchKeys& keys,
                                              const AccountQuestion& question, Instant now) const;
    /// By any part of IDs and names: reads every account of the jurisdiction.
    Result<std::vector<ListedAccount>> search_within(db::Transaction& tx, const SearchKeys& keys,
                                                     const AccountQuestion& question, Instant now) const;
    Result<StateCounts> counts(db::Transaction& tx) const;

    /// Pending accounts whose initial password lapses up to `until`; issued before `before` and never signed in; active
    /// and not signed in since `before`.
    Result<Figure> lapsing(db::Transaction& tx, Instant now, Instant until) const;
    Result<Figure> never_used(db::Transaction& tx, Instant before) const;
    Result<Figure> unused(db::Transaction& tx, Instant before) const;

private:
    /// The ids of those who meet a condition on another table, if they are few.
    Result<std::optional<std::string>> few(db::Transaction& tx, const AccountQuestion& question, Instant now) const;
};

}  // namespace madoguchi::accounts
