#include "directory/organization_list_store.hpp"

#include "base/japanese_text.hpp"
#include "base/limits.hpp"
#include "db/plan.hpp"
#include "directory/organization_store.hpp"

namespace madoguchi::directory {
namespace {

constexpr db::Query kList = {"organization_list.list", R"(
    select o.id, o.kind, coalesce(o.parent_id, 0) as parent_id, o.path, coalesce(o.prefecture_code, 0)::integer as prefecture_code, o.name, o.kana,
           coalesce(o.institution_code, '') as institution_code, coalesce(o.local_government_code, '') as local_government_code,
           o.phone, o.postal_code, o.address, o.state, o.version, us(o.created_at) as created_at, o.sort_key,
           coalesce((select p.name from organizations p where p.id = o.parent_id), '') as parent_name,
           (select count(*) from (select 1 from accounts a where a.organization_id = o.id and a.state in ('pending', 'active')
                                  limit :most) as counted) as accounts,
           (select count(*) from (select 1 from organizations c where c.parent_id = o.id and c.state = 'active' limit :most) as counted)
               as facilities
    from organizations o
    where (cast(:kind as text) is null or o.kind = :kind)
      and (cast(:state as text) is null or o.state = :state)
      and (cast(:parent as bigint) is null or o.parent_id = :parent)
      and (cast(:after as bigint) is null
           or (o.sort_key, o.id) > (select b.sort_key, b.id from organizations b where b.id = :after))
    order by o.sort_key, o.id limit :limit)"};

constexpr db::Query kSearch = {"organization_list.search", R"(
    with found as materialized (
        (select distinct t.organization_id from organization_terms t where t.term >= :key and t.term < :above limit :candidates)
        union
        (select distinct t.organization_id from organization_terms t where t.term >= :digits and t.term < :digits_above limit :candidates))
    select o.id, o.kind, coalesce(o.parent_id, 0) as parent_id, o.path, coalesce(o.prefecture_code, 0)::integer as prefecture_code, o.name, o.kana,
           coalesce(o.institution_code, '') as institution_code, coalesce(o.local_government_code, '') as local_government_code,
           o.phone, o.postal_code, o.address, o.state, o.version, us(o.created_at) as created_at, o.sort_key,
           coalesce((select p.name from organizations p where p.id = o.parent_id), '') as parent_name,
           (select count(*) from (select 1 from accounts a where a.organization_id = o.id and a.state in ('pending', 'active')
                                  limit :most) as counted) as accounts,
           (select count(*) from (select 1 from organizations c where c.parent_id = o.id and c.state = 'active' limit :most) as counted)
               as facilities
    from found f join organizations o on o.id = f.organization_id
    where (cast(:kind as text) is null or o.kind = :kind)
      and (cast(:state as text) is null or o.state = :state)
      and (cast(:parent as bigint) is null or o.parent_id = :parent)
      and (cast(:after as bigint) is null
           or (o.sort_key, o.id) > (select b.sort_key, b.id from organizations b where b.id = :after))
    order by o.sort_key, o.id limit :limit)"};

constexpr db::Query kAbove = {"organization_list.above", R"(
    select id, kind, path, name from organizations
    where id = any(cast(string_to_array(rtrim(:path, '.'), '.') as bigint[])) and path <> :path
    order by length(path))"};

constexpr db::Query kAlike = {"organization_list.alike", R"(
    with found as materialized (
        select distinct t.organization_id from organization_terms t where t.term = any(cast(:terms as text[])) limit :candidates)
    select o.id, o.kind, coalesce(o.parent_id, 0) as parent_id, o.path, coalesce(o.prefecture_code, 0)::integer as prefecture_code, o.name, o.kana,
           coalesce(o.institution_code, '') as institution_code, coalesce(o.local_government_code, '') as local_government_code,
           o.phone, o.postal_code, o.address, o.state, o.version, us(o.created_at) as created_at, o.sort_key,
           coalesce((select p.name from organizations p where p.id = o.parent_id), '') as parent_name,
           (select count(*) from (select 1 from accounts a where a.organization_id = o.id and a.state in ('pending', 'active')
                                  limit :most) as counted) as accounts,
           (select count(*) from (select 1 from organizations c where c.parent_id = o.id and c.state = 'active' limit :most) as counted)
               as facilities
    from found f join organizations o on o.id = f.organization_id
    where o.id <> :except and o.state = 'active' order by o.sort_key, o.id limit :limit)"};

constexpr int kAlikeShown = 5;

std::vector<ListedOrganization> listed(const std::vector<db::Row>& rows) {
    std::vector<ListedOrganization> out;
    out.reserve(rows.size());
    for (const auto& row : rows) {
        out.push_back({organization_of(row), row.get<std::string>("sort_key"), row.get<std::string>("parent_name"),
                       row.get<std::int64_t>("accounts"), row.get<std::int64_t>("facilities")});
    }
    return out;
}

std::optional<std::string> kind_text(const OrganizationQuestion& question) {
    return question.kind ? std::optional(std::string(to_text(*question.kind))) : std::nullopt;
}

std::optional<std::int64_t> value_of(const std::optional<OrganizationId>& id) {
    return id && *id ? std::optional(id->value) : std::nullopt;
}

// Above every text that begins with `key`: U+10FFFF is the last one there is.
std::string above_all(const std::string& key) {
    return key + "\xF4\x8F\xBF\xBF";
}

}  // namespace

Result<std::vector<ListedOrganization>> OrganizationListStore::list(db::Transaction& tx,
                                                                    const OrganizationQuestion& question) const {
    TRY(tx.one(db::kPlanForAPage));
    return listed(TRY(tx.many(kList, limits::kCountedRows, kind_text(question), question.state,
                              value_of(question.parent), value_of(question.after), question.limit)));
}

Result<std::vector<ListedOrganization>> OrganizationListStore::search(db::Transaction& tx,
                                                                      const OrganizationQuestion& question) const {
    TRY(tx.one(db::kPlanForAPage));
    const auto key = search_key(question.word);
    const auto digits = fold_digits(question.word).value_or(key);
    return listed(TRY(tx.many(kSearch, key, above_all(key), limits::kCandidateRows, digits, above_all(digits),
                              limits::kCountedRows, kind_text(question), question.state, value_of(question.parent),
                              value_of(question.after), question.limit)));
}

Result<std::vector<OrganizationRef>> OrganizationListStore::above(db::Transaction& tx, const std::string& path) const {
    std::vector<OrganizationRef> out;
    for (const auto& row : TRY(tx.many(kAbove, path))) {
        out.push_back({{row.get<std::int64_t>("id")},
                       organization_kind(row.get<std::string>("kind")).value(),
                       row.get<std::string>("path"),
                       row.get<std::string>("name")});
    }
    return out;
}

Result<std::vector<ListedOrganization>> OrganizationListStore::alike(db::Transaction& tx, OrganizationId except,
                                                                     const std::string& name,
                                                                     const std::string& phone) const {
    std::vector<std::string> terms;
    if (const auto key = search_key(name); !key.empty()) {
        terms.push_back(key);
    }
    if (const auto digits = fold_digits(phone); digits && !digits->empty()) {
        terms.push_back(*digits);
    }
    return listed(TRY(tx.many(kAlike, terms, limits::kCandidateRows, limits::kCountedRows, except, kAlikeShown)));
}

}  // namespace madoguchi::directory
