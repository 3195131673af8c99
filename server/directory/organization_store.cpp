#include "directory/organization_store.hpp"

#include "base/limits.hpp"

namespace madoguchi::directory {
namespace {

constexpr db::Query kInsert = {"organization.insert", R"(
    with next as (select nextval('organizations_id_seq') as id)
    insert into organizations (id, kind, parent_id, path, prefecture_code, name, kana, search, institution_code,
                               local_government_code, phone, postal_code, address, created_at)
    select next.id, :kind, cast(:parent as bigint), cast(:parent_path as text) || next.id || '.', nullif(cast(:prefecture as integer), 0), :name, :kana, :search,
           nullif(:institution_code, ''), nullif(:local_government_code, ''), :phone, :postal_code, :address, instant(:now)
    from next returning id, path)"};

constexpr db::Query kFind = {"organization.find", R"(
    select id, kind, coalesce(parent_id, 0) as parent_id, path, coalesce(prefecture_code, 0)::integer as prefecture_code, name, kana,
           coalesce(institution_code, '') as institution_code, coalesce(local_government_code, '') as local_government_code,
           phone, postal_code, address, state, version, us(created_at) as created_at
    from organizations where id = :id)"};

constexpr db::Query kFindMinistry = {"organization.find_ministry", R"(
    select id, kind, coalesce(parent_id, 0) as parent_id, path, coalesce(prefecture_code, 0)::integer as prefecture_code, name, kana,
           coalesce(institution_code, '') as institution_code, coalesce(local_government_code, '') as local_government_code,
           phone, postal_code, address, state, version, us(created_at) as created_at
    from organizations where parent_id is null)"};

constexpr db::Query kList = {"organization.list", R"(
    select id, kind, coalesce(parent_id, 0) as parent_id, path, coalesce(prefecture_code, 0)::integer as prefecture_code, name, kana,
           coalesce(institution_code, '') as institution_code, coalesce(local_government_code, '') as local_government_code,
           phone, postal_code, address, state, version, us(created_at) as created_at
    from organizations
    where id > :after
      and (cast(:kind as text) is null or kind = :kind2)
      and (cast(:parent as bigint) is null or parent_id = :parent2)
      and (cast(:search as text) is null or strpos(search, :search2) > 0)
    order by id limit :limit)"};

constexpr db::Query kLock = {"organization.lock", "select id from organizations where id = :id for update"};

constexpr db::Query kUpdate = {"organization.update", R"(
    update organizations set name = :name, kana = :kana, search = :search, prefecture_code = nullif(cast(:prefecture as integer), 0),
           institution_code = nullif(:institution_code, ''), local_government_code = nullif(:local_government_code, ''),
           phone = :phone, postal_code = :postal_code, address = :address, version = version + 1
    where id = :id and version = :version and state = 'active')"};

constexpr db::Query kSetState = {"organization.set_state", R"(
    update organizations set state = :to, version = version + 1 where id = :id and state = :from)"};

constexpr db::Query kMove = {"organization.move", "select coalesce(move_organization(:id, :parent), '') as path"};

constexpr db::Query kOpenBelow = {"organization.open_below", R"(
    select (select count(*) from (select 1 from organizations where parent_id = :id and state = 'active' limit :most) as counted) as organizations,
           (select count(*) from (select 1 from accounts where organization_id = :id and state in ('pending', 'active') limit :most) as counted)
               as accounts)"};

constexpr db::Query kContactAbove = {"organization.contact_above", R"(
    select id, kind, coalesce(parent_id, 0) as parent_id, path, coalesce(prefecture_code, 0)::integer as prefecture_code, name, kana,
           coalesce(institution_code, '') as institution_code, coalesce(local_government_code, '') as local_government_code,
           phone, postal_code, address, state, version, us(created_at) as created_at
    from organizations
    where path <> :path and starts_with(:path2, path) and phone <> ''
    order by length(path) desc limit 1)"};

std::optional<Organization> to_optional(const std::optional<db::Row>& row) {
    return row ? std::optional(organization_of(*row)) : std::nullopt;
}

}  // namespace

Organization organization_of(const db::Row& row) {
    return {.id = {row.get<std::int64_t>("id")},
            .kind = organization_kind(row.get<std::string>("kind")).value(),
            .parent = {row.get<std::int64_t>("parent_id")},
            .path = row.get<std::string>("path"),
            .prefecture_code = row.get<int>("prefecture_code"),
            .name = row.get<std::string>("name"),
            .kana = row.get<std::string>("kana"),
            .institution_code = row.get<std::string>("institution_code"),
            .local_government_code = row.get<std::string>("local_government_code"),
            .phone = row.get<std::string>("phone"),
            .postal_code = row.get<std::string>("postal_code"),
            .address = row.get<std::string>("address"),
            .state = row.get<std::string>("state"),
            .version = row.get<int>("version"),
            .created_at = row.get<Instant>("created_at")};
}

Result<Organization> OrganizationStore::insert(db::Transaction& tx, const Organization& organization,
                                               const std::string& parent_path, const std::string& search,
                                               Instant now) const {
    const std::optional<std::int64_t> parent =
        organization.parent ? std::optional(organization.parent.value) : std::nullopt;
    const auto row = TRY(tx.one(kInsert, to_text(organization.kind), parent, parent_path, organization.prefecture_code,
                                organization.name, organization.kana, search, organization.institution_code,
                                organization.local_government_code, organization.phone, organization.postal_code,
                                organization.address, now));
    Organization created = organization;
    created.id = {row.get<std::int64_t>("id")};
    created.path = row.get<std::string>("path");
    created.created_at = now;
    return created;
}

Result<std::optional<Organization>> OrganizationStore::find(db::Transaction& tx, OrganizationId id) const {
    return to_optional(TRY(tx.maybe_one(kFind, id)));
}

Result<std::optional<Organization>> OrganizationStore::find_ministry(db::Transaction& tx) const {
    return to_optional(TRY(tx.maybe_one(kFindMinistry)));
}

Result<std::vector<Organization>> OrganizationStore::list(db::Transaction& tx, const OrganizationFilter& filter) const {
    const std::optional<std::int64_t> parent = filter.parent ? std::optional(filter.parent->value) : std::nullopt;
    const auto rows = TRY(tx.many(kList, filter.after_id, filter.kind, filter.kind, parent, parent, filter.search,
                                  filter.search, filter.limit));
    std::vector<Organization> out;
    out.reserve(rows.size());
    for (const auto& row : rows) {
        out.push_back(organization_of(row));
    }
    return out;
}

Result<std::optional<Organization>> OrganizationStore::contact_above(db::Transaction& tx,
                                                                     const std::string& path) const {
    return to_optional(TRY(tx.maybe_one(kContactAbove, path, path)));
}

Result<std::optional<Organization>> OrganizationStore::lock(db::Transaction& tx, OrganizationId id) const {
    TRY(tx.maybe_one(kLock, id));
    return find(tx, id);
}

Result<bool> OrganizationStore::update(db::Transaction& tx, const Organization& changed,
                                       const std::string& search) const {
    return TRY(tx.execute(kUpdate, changed.name, changed.kana, search, changed.prefecture_code,
                          changed.institution_code, changed.local_government_code, changed.phone, changed.postal_code,
                          changed.address, changed.id, changed.version)) == 1;
}

Result<bool> OrganizationStore::set_state(db::Transaction& tx, OrganizationId id, std::string_view from,
                                          std::string_view to) const {
    return TRY(tx.execute(kSetState, to, id, from)) == 1;
}

Result<std::string> OrganizationStore::move(db::Transaction& tx, OrganizationId id, OrganizationId parent) const {
    return TRY(tx.one(kMove, id, parent)).get<std::string>("path");
}

Result<OpenBelow> OrganizationStore::open_below(db::Transaction& tx, OrganizationId id) const {
    const auto row = TRY(tx.one(kOpenBelow, id, limits::kCountedRows));
    return OpenBelow{row.get<std::int64_t>("organizations"), row.get<std::int64_t>("accounts")};
}

}  // namespace madoguchi::directory
