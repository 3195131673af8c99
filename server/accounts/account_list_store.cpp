#include "accounts/account_list_store.hpp"

#include "accounts/account_store.hpp"
#include "base/limits.hpp"
#include "db/plan.hpp"
#include "db/sql_text.hpp"

namespace madoguchi::accounts {
namespace {

// Parts of SQL that the lists share. A page is chosen from the accounts alone, by an index, and only then given its
// organizations and second steps: a health centre's two thousand accounts are sorted in 3 ms, and 51 of them joined.
constexpr std::string_view kShown = R"(
    select a.id, a.login_id, a.organization_id, o.kind, o.path, o.name, a.family_name, a.given_name, a.family_kana, a.given_kana, a.state,
           a.password_phc is not null as has_password, us(a.initial_expires_at) as initial_expires_at,
           us(a.password_reset_at) as password_reset_at, us(a.second_step_reset_at) as second_step_reset_at,
           us(a.last_signed_in_at) as last_signed_in_at, us(a.created_at) as created_at, o.sort_key,
           coalesce((select string_agg(s.kind, ' ' order by s.is_default desc, s.id) from second_steps s
                     where s.account_id = a.id and s.removed_at is null), '') as second_steps
    from (select a.* )";
constexpr std::string_view kOfAnyKind = "from accounts a where cast(:kinds as text[]) is null";
constexpr std::string_view kOfKinds = R"(
          from organizations k join accounts a on a.organization_id = k.id where k.kind = any(cast(:kinds as text[])))";
// Of few accounts, which are looked at one by one.
constexpr std::string_view kFoundOfKinds = R"(
            and (cast(:kinds as text[]) is null
                 or exists (select 1 from organizations k where k.id = a.organization_id and k.kind = any(cast(:kinds as text[])))))";
constexpr std::string_view kFilters = R"(
            and (cast(:state as text) is null or a.state = :state)
            and (cast(:organization as bigint) is null or a.organization_id = :organization)
            and (cast(:rare as bigint[]) is null or a.id = any(cast(:rare as bigint[])))
            and (cast(:role as text) is null or exists (
                    select 1 from grants g where g.account_id = a.id and g.role = :role and g.revoked_at is null
                       and (g.valid_until is null or g.valid_until > instant(:now))))
            and (cast(:second_step as text) is null
                 or case when cast(:second_step as text) = 'none'
                         then not exists (select 1 from second_steps s where s.account_id = a.id and s.removed_at is null)
                         else exists (select 1 from second_steps s
                                      where s.account_id = a.id and s.kind = :second_step and s.removed_at is null) end)
            and (cast(:last as text) is null
                 or case cast(:last as text) when 'never' then a.last_signed_in_at is null
                                             when 'month' then a.last_signed_in_at >= instant(:month_ago)
                                             else a.last_signed_in_at < instant(:quarter_ago) end)
            and (cast(:initial as text) is null
                 or case cast(:initial as text) when 'soon' then a.initial_expires_at > instant(:now) and a.initial_expires_at <= instant(:lapsing_until)
                                                else a.initial_expires_at <= instant(:now) end))";
constexpr std::string_view kOrganizations = ") a join organizations o on o.id = a.organization_id";

constexpr std::string_view kAfterOrganization = R"(
            and (cast(:after as bigint) is null
                 or (a.organization_key >= :after_key
                     and (a.organization_key, a.organization_id, a.id) > (:after_key, :after_organization, :after))))";
constexpr std::string_view kOrderOrganization = " order by a.organization_key, a.organization_id, a.id ";
constexpr std::string_view kAfterSignIn =
    " and (cast(:after as bigint) is null or (a.last_seen_at, a.id) < (instant(:after_seen), :after))";
constexpr std::string_view kOrderSignIn = " order by a.last_seen_at desc, a.id desc ";
constexpr std::string_view kAfterDisuse =
    " and (cast(:after as bigint) is null or (a.last_seen_at, a.id) > (instant(:after_seen), :after))";
constexpr std::string_view kOrderDisuse = " order by a.last_seen_at, a.id ";
constexpr std::string_view kAfterIssuance = " and (cast(:after as bigint) is null or a.id < :after)";
constexpr std::string_view kOrderIssuance = " order by a.id desc ";
constexpr std::string_view kLimit = "limit :limit";

template <const std::string_view& From, const std::string_view& After, const std::string_view& Order>
constexpr std::string_view kList = db::joined<kShown, From, kFilters, After, Order, kLimit, kOrganizations, Order>;

/// One order's two queries: an index leads to the accounts, or the few organizations of a kind do.
struct Ordered {
    db::Query of_any_kind;
    db::Query of_kinds;
};

constexpr Ordered kByOrganization = {
    {"account_list.by_organization", kList<kOfAnyKind, kAfterOrganization, kOrderOrganization>},
    {"account_list.kinds_by_organization", kList<kOfKinds, kAfterOrganization, kOrderOrganization>}};
constexpr Ordered kBySignIn = {{"account_list.by_sign_in", kList<kOfAnyKind, kAfterSignIn, kOrderSignIn>},
                               {"account_list.kinds_by_sign_in", kList<kOfKinds, kAfterSignIn, kOrderSignIn>}};
constexpr Ordered kByDisuse = {{"account_list.by_disuse", kList<kOfAnyKind, kAfterDisuse, kOrderDisuse>},
                               {"account_list.kinds_by_disuse", kList<kOfKinds, kAfterDisuse, kOrderDisuse>}};
constexpr Ordered kByIssuance = {{"account_list.by_issuance", kList<kOfAnyKind, kAfterIssuance, kOrderIssuance>},
                                 {"account_list.kinds_by_issuance", kList<kOfKinds, kAfterIssuance, kOrderIssuance>}};

// Each reading of the word is a range of an index and bounded: what one letter finds in a whole country is no answer.
constexpr std::string_view kFound = R"(
    with found as materialized (
        (select a.id from accounts a where a.login_key >= :key and a.login_key < :above limit :candidates)
        union
        (select a.id from accounts a where a.name_key >= :key and a.name_key < :above limit :candidates)
        union
        (select a.id from accounts a where a.kana_key >= :key and a.kana_key < :above limit :candidates)
        union
        (select a.id from organization_terms t join accounts a on a.organization_id = t.organization_id
         where t.term >= :key and t.term < :above limit :candidates)
        union
        (select a.id from organization_terms t join accounts a on a.organization_id = t.organization_id
         where t.term >= :digits and t.term < :digits_above limit :candidates)
        union
        (select s.account_id from second_steps s
         where cast(:phone_end as text) <> '' and s.phone_end = :phone_end and s.removed_at is null limit :candidates)))";
constexpr std::string_view kOfFound = "from found f join accounts a on a.id = f.id where true";
constexpr db::Query kSearch = {"account_list.search",
                               db::joined<kFound, kShown, kOfFound, kFoundOfKinds, kFilters, kAfterOrganization,
                                          kOrderOrganization, kLimit, kOrganizations, kOrderOrganization>};

// Any part of a name or an ID: only where few are looked through.
constexpr std::string_view kOfContaining = "from accounts a where strpos(a.search, :key) > 0";
constexpr db::Query kSearchWithin = {"account_list.search_within",
                                     db::joined<kShown, kOfContaining, kFoundOfKinds, kFilters, kAfterOrganization,
                                                kOrderOrganization, kLimit, kOrganizations, kOrderOrganization>};

// A condition on another table is asked row by row, down the whole order of the list if hardly anybody meets it. So it
// is first asked who meets it: where they are few, the list is made of them.
constexpr db::Query kWithSecondStep = {"account_list.with_second_step", R"(
    select account_id from second_steps where kind = :kind and removed_at is null limit :most)"};

constexpr db::Query kWithRole = {"account_list.with_role", R"(
    select account_id from grants
    where role = :role and revoked_at is null and (valid_until is null or valid_until > instant(:now)) limit :most)"};

constexpr db::Query kPlace = {"account_list.place", R"(
    select organization_key, organization_id, us(last_seen_at) as last_seen_at from accounts where id = :id)"};

constexpr db::Query kCounts = {"account_list.counts", R"(
    select (select count(*) from (select 1 from accounts where state = 'pending' limit :most) as counted) as pending,
           (select count(*) from (select 1 from accounts where state = 'active' limit :most) as counted) as active,
           (select count(*) from (select 1 from accounts where state = 'suspended' limit :most) as counted) as suspended,
           (select count(*) from (select 1 from accounts where state = 'closed' limit :most) as counted) as closed)"};

constexpr db::Query kLapsing = {"account_list.lapsing", R"(
    select count(*) as number, us(min(initial_expires_at)) as first
    from (select initial_expires_at from accounts
          where initial_expires_at > instant(:now) and initial_expires_at <= instant(:until) and state = 'pending'
          limit :most) as counted)"};

constexpr db::Query kNeverUsed = {"account_list.never_used", R"(
    select count(*) as number, us(min(created_at)) as first
    from (select created_at from accounts
          where state = 'pending' and last_signed_in_at is null and created_at < instant(:before) limit :most) as counted)"};

constexpr db::Query kUnused = {"account_list.unused", R"(
    select count(*) as number, us(min(last_seen_at)) as first
    from (select last_seen_at from accounts
          where state = 'active' and last_signed_in_at < instant(:before) limit :most) as counted)"};

/// Values that a list's place is made of; nothing on the first page.
struct Place {
    std::optional<std::string> key;
    std::optional<std::int64_t> organization;
    std::optional<Instant> seen;
    std::optional<std::int64_t> id;
};

std::optional<std::string> optional_text(const auto& value) {
    return value ? std::optional(std::string(to_text(*value))) : std::nullopt;
}

// A role stands at certain kinds of organizations: said to the database too, which has few of most kinds.
std::optional<std::string> kinds_text(const AccountQuestion& question) {
    if (!question.kind && !question.role) {
        return std::nullopt;
    }
    std::string out;
    for (const auto kind : directory::kOrganizationKinds) {
        const bool wanted = !question.kind || *question.kind == kind;
        const bool possible =
            !question.role || directory::fits(*question.role, kind) ||
            (*question.role == directory::Role::helpdesk_operator && kind == directory::OrganizationKind::helpdesk);
        if (wanted && possible) {
            out += (out.empty() ? "" : ",") + std::string(directory::to_text(kind));
        }
    }
    return "{" + out + "}";
}

std::vector<std::string> words(const std::string& text) {
    std::vector<std::string> out;
    for (std::size_t at = 0; at < text.size();) {
        const auto end = std::min(text.find(' ', at), text.size());
        out.push_back(text.substr(at, end - at));
        at = end + 1;
    }
    return out;
}

Result<Place> place_after(db::Transaction& tx, AccountId after) {
    if (!after) {
        return Place{};
    }
    const auto row = TRY(tx.maybe_one(kPlace, after));
    if (!row) {
        return Place{};  // not there, or not within this jurisdiction: from the start
    }
    return Place{row->get<std::string>("organization_key"), row->get<std::int64_t>("organization_id"),
                 row->get<Instant>("last_seen_at"), after.value};
}

/// The filters of a question in the order in which every query names them.
struct Filters {
    Filters(const AccountQuestion& question, const std::optional<std::string>& few, Instant now)
        : state(optional_text(question.state)),
          kinds(kinds_text(question)),
          organization(question.organization ? std::optional(question.organization->value) : std::nullopt),
          rare(few),
          role(question.role ? std::optional(std::string(directory::to_text(*question.role))) : std::nullopt),
          asked_at(now),
          second_step(question.second_step),
          last(optional_text(question.last)),
          initial(optional_text(question.initial)),
          since(windows(now)) {}

    const db::Query& of(const Ordered& order) const { return kinds ? order.of_kinds : order.of_any_kind; }
    /// `before` is bound ahead of the filters, `place` behind them.
    template <class... Before>
    auto bound(db::Transaction& tx, const db::Query& query, const std::tuple<Before...>& before,
               const auto& place) const {
        return std::apply([&](const auto&... values) { return tx.many(query, values...); },
                          std::tuple_cat(before,
                                         std::tuple(kinds, state, organization, rare, role, asked_at, second_step, last,
                                                    since.month_ago, since.quarter_ago, initial, since.lapsing_until),
                                         place));
    }

    std::optional<std::string> state;
    std::optional<std::string> kinds;
    std::optional<std::int64_t> organization;
    std::optional<std::string> rare;  // ids, as an array
    std::optional<std::string> role;
    Instant asked_at;
    std::optional<std::string> second_step;
    std::optional<std::string> last;
    std::optional<std::string> initial;
    ListWindows since;
};

std::vector<ListedAccount> listed(const std::vector<db::Row>& rows) {
    std::vector<ListedAccount> out;
    out.reserve(rows.size());
    for (const auto& row : rows) {
        out.push_back({account_of(row), row.get<std::string>("sort_key"), words(row.get<std::string>("second_steps"))});
    }
    return out;
}

std::string array_of(const std::vector<db::Row>& rows) {
    std::string out;
    for (const auto& row : rows) {
        out += (out.empty() ? "" : ",") + std::to_string(row.get<std::int64_t>("account_id"));
    }
    return "{" + out + "}";
}

Figure figure_of(const db::Row& row) {
    return {row.get<std::int64_t>("number"), row.get<std::optional<Instant>>("first")};
}

}  // namespace

Result<std::optional<std::string>> AccountListStore::few(db::Transaction& tx, const AccountQuestion& question,
                                                         Instant now) const {
    const auto enough = static_cast<std::size_t>(limits::kCandidateRows);
    if (question.second_step && *question.second_step != "none") {
        const auto rows = TRY(tx.many(kWithSecondStep, *question.second_step, limits::kCandidateRows + 1));
        if (rows.size() <= enough) {
            return std::optional(array_of(rows));
        }
    }
    if (question.role) {
        const auto rows = TRY(tx.many(kWithRole, directory::to_text(*question.role), now, limits::kCandidateRows + 1));
        if (rows.size() <= enough) {
            return std::optional(array_of(rows));
        }
    }
    return std::optional<std::string>();
}

Result<std::vector<ListedAccount>> AccountListStore::list(db::Transaction& tx, const AccountQuestion& question,
                                                          Reading reading, Instant now) const {
    TRY(tx.one(db::kPlanForAPage));
    const Place place = TRY(place_after(tx, question.after));
    const Filters filters(question, reading == Reading::of_many ? TRY(few(tx, question, now)) : std::nullopt, now);
    const auto none = std::tuple();
    switch (question.order) {
        case AccountOrder::organization:
            return listed(TRY(filters.bound(tx, filters.of(kByOrganization), none,
                                            std::tuple(place.id, place.key, place.organization, question.limit))));
        case AccountOrder::signed_in:
            return listed(
                TRY(filters.bound(tx, filters.of(kBySignIn), none, std::tuple(place.id, place.seen, question.limit))));
        case AccountOrder::unused:
            return listed(
                TRY(filters.bound(tx, filters.of(kByDisuse), none, std::tuple(place.id, place.seen, question.limit))));
        case AccountOrder::issued:
            break;
    }
    return listed(TRY(filters.bound(tx, filters.of(kByIssuance), none, std::tuple(place.id, question.limit))));
}

Result<std::vector<ListedAccount>> AccountListStore::search(db::Transaction& tx, const SearchKeys& keys,
                                                            const AccountQuestion& question, Instant now) const {
    TRY(tx.one(db::kPlanForAPage));
    const Place place = TRY(place_after(tx, question.after));
    return listed(TRY(Filters(question, std::nullopt, now)
                          .bound(tx, kSearch,
                                 std::tuple(keys.text.key, keys.text.above, limits::kCandidateRows, keys.digits.key,
                                            keys.digits.above, keys.phone_end),
                                 std::tuple(place.id, place.key, place.organization, question.limit))));
}

Result<std::vector<ListedAccount>> AccountListStore::search_within(db::Transaction& tx, const SearchKeys& keys,
                                                                   const AccountQuestion& question, Instant now) const {
    TRY(tx.one(db::kPlanForAPage));
    const Place place = TRY(place_after(tx, question.after));
    return listed(TRY(Filters(question, std::nullopt, now)
                          .bound(tx, kSearchWithin, std::tuple(keys.text.key),
                                 std::tuple(place.id, place.key, place.organization, question.limit))));
}

Result<StateCounts> AccountListStore::counts(db::Transaction& tx) const {
    const auto row = TRY(tx.one(kCounts, limits::kCountedRows));
    return StateCounts{{row.get<std::int64_t>("pending"), row.get<std::int64_t>("active"),
                        row.get<std::int64_t>("suspended"), row.get<std::int64_t>("closed")}};
}

Result<Figure> AccountListStore::lapsing(db::Transaction& tx, Instant now, Instant until) const {
    return figure_of(TRY(tx.one(kLapsing, now, until, limits::kCandidateRows)));
}

Result<Figure> AccountListStore::never_used(db::Transaction& tx, Instant before) const {
    return figure_of(TRY(tx.one(kNeverUsed, before, limits::kCandidateRows)));
}

Result<Figure> AccountListStore::unused(db::Transaction& tx, Instant before) const {
    return figure_of(TRY(tx.one(kUnused, before, limits::kCandidateRows)));
}

}  // namespace madoguchi::accounts
