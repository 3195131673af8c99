#include "accounts/account_list_service.hpp"

#include <algorithm>

#include "base/limits.hpp"

namespace madoguchi::accounts {
namespace {

using directory::Permission;
using directory::Principal;

constexpr std::ptrdiff_t kFewAccountsDepth = 3;  // ministry, prefecture, health centre: from here down they are few

bool few_accounts(const Actor& actor) {
    return std::ranges::count(actor.jurisdiction.setting(), '.') >= kFewAccountsDepth;
}

}  // namespace

Result<std::vector<ListedAccount>> AccountListService::found(db::Transaction& tx, const Actor& actor,
                                                             const AccountQuestion& question, Instant now) const {
    const auto keys = search_keys(question.word);
    if (!keys) {
        // Nothing typed but spaces, perhaps, is no condition.
        return store_.list(tx, question, few_accounts(actor) ? Reading::of_few : Reading::of_many, now);
    }
    auto rows = TRY(store_.search(tx, *keys, question, now));
    if (rows.empty() && few_accounts(actor)) {
        return store_.search_within(tx, *keys, question, now);
    }
    return rows;
}

Result<AccountListService::Page> AccountListService::list(const Principal& principal, const AccountQuestion& asked,
                                                          Instant now) {
    const Principal browsing = directory::browsing(principal);
    AccountQuestion question = asked;
    question.limit = asked.limit + 1;
    if (!question.word.empty()) {
        question.order = AccountOrder::organization;
    }
    Page page;
    for (const Actor& actor : TRY(directory::acting(browsing, Permission::read_directory, now))) {
        TRY(database_.transact(actor, [&](db::Transaction& tx) -> Result<void> {
            auto rows = TRY(found(tx, actor, question, now));
            std::vector<std::int64_t> ids;
            std::ranges::transform(rows, std::back_inserter(ids),
                                   [](const ListedAccount& row) { return row.account.id.value; });
            auto grants = TRY(grants_.standing(tx, ids, now));
            for (auto& row : rows) {
                if (directory::may(browsing, Permission::read_directory, row.account.organization, now)) {
                    row.account.grants = std::move(grants[row.account.id]);
                    page.rows.push_back(std::move(row));
                }
            }
            return {};
        }));
    }
    std::ranges::sort(page.rows,
                      [&](const auto& left, const auto& right) { return comes_before(left, right, question.order); });
    if (page.rows.size() > static_cast<std::size_t>(asked.limit)) {
        page.rows.resize(static_cast<std::size_t>(asked.limit));
        page.more = true;
    }
    return page;
}

Result<StateCounts> AccountListService::counts(const Principal& principal, Instant now) {
    StateCounts counts;
    for (const Actor& actor : TRY(directory::acting(directory::browsing(principal), Permission::read_directory, now))) {
        const auto some = TRY(database_.transact(actor, [&](db::Transaction& tx) { return store_.counts(tx); }));
        std::ranges::transform(counts.of, some.of, counts.of.begin(), std::plus());
    }
    return counts;
}

template <class Ask>
Result<Figure> AccountListService::figure(const Principal& principal, Instant now, Ask&& ask) {
    Figure sum;
    for (const Actor& actor : TRY(directory::acting(principal, Permission::issue_account, now))) {
        const Figure some = TRY(database_.transact(actor, ask));
        sum.number += some.number;
        if (some.first && (!sum.first || *some.first < *sum.first)) {
            sum.first = some.first;
        }
    }
    return sum;
}

Result<Figure> AccountListService::lapsing(const Principal& principal, Instant now) {
    return figure(principal, now,
                  [&](db::Transaction& tx) { return store_.lapsing(tx, now, windows(now).lapsing_until); });
}

Result<Figure> AccountListService::never_used(const Principal& principal, Instant now) {
    return figure(principal, now,
                  [&](db::Transaction& tx) { return store_.never_used(tx, now - limits::kNeverUsedFor); });
}

Result<Figure> AccountListService::unused(const Principal& principal, Instant now) {
    return figure(principal, now, [&](db::Transaction& tx) { return store_.unused(tx, windows(now).quarter_ago); });
}

}  // namespace madoguchi::accounts
