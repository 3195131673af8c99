#include "directory/organization_service.hpp"

#include "base/japanese_text.hpp"

namespace madoguchi::directory {
namespace {

tl::unexpected<Error> hidden() {
    return failure(ErrorKind::not_found, "not_found");
}

}  // namespace

std::string search_text(const Organization& organization) {
    return search_key(organization.name) + " " + search_key(organization.kana) + " " + organization.institution_code +
           " " + organization.local_government_code;
}

nlohmann::json summary(const Organization& organization) {
    return {{"kind", to_text(organization.kind)},
            {"name", organization.name},
            {"parent_id", organization.parent.value},
            {"institution_code", organization.institution_code},
            {"local_government_code", organization.local_government_code}};
}

OrganizationRef ref(const Organization& organization) {
    return {organization.id, organization.kind, organization.path, organization.name};
}

Result<Organization> OrganizationService::get(db::Transaction& tx, OrganizationId id) const {
    auto found = TRY(store_.find(tx, id));
    if (!found) {
        return hidden();
    }
    return std::move(*found);
}

Result<CreatedOrganization> OrganizationService::create(const Principal& principal, const CreateOrganization& command,
                                                        Mode mode, Instant now) {
    const auto actors = acting(principal, Permission::create_organization, now);
    const audit::Entry attempt{.action = "organization.create",
                               .organization_path = principal.home.path,
                               .target_kind = "organization",
                               .target_id = command.parent.value,
                               .target_name = fold_width(command.name)};
    if (!actors) {
        audit_.refused(as_oneself(principal), attempt, actors.error(), now);
        return failure(actors.error());
    }
    Result<CreatedOrganization> result = hidden();
    for (const Actor& actor : *actors) {
        result = audit_.audited(actor, attempt, now, [&](db::Transaction& tx) -> Result<CreatedOrganization> {
            const auto parent = TRY(store_.find(tx, command.parent));
            if (!parent) {
                return invalid_field("parent_id", "not_found");
            }
            auto checked = TRY(check(command, parent->kind, parent->prefecture_code));
            const OrganizationRef target{{}, command.kind, parent->path + "0.", checked.organization.name};
            if (!may(principal, Permission::create_organization, target, now)) {
                return failure(ErrorKind::forbidden, "forbidden");
            }
            auto inserted =
                store_.insert(tx, checked.organization, parent->path, search_text(checked.organization), now);
            if (!inserted && inserted.error().detail == "organizations_institution_code") {
                inserted.error().fields = {{"institution_code", "already_exists"}};
            }
            auto created = TRY(std::move(inserted));
            TRY(audit_.append(tx, actor,
                              {.action = "organization.create",
                               .organization_path = created.path,
                               .target_kind = "organization",
                               .target_id = created.id.value,
                               .target_name = created.name,
                               .after = summary(created)},
                              now));
            if (mode == Mode::dry_run) {
                tx.discard();
            }
            return CreatedOrganization{std::move(created), std::move(checked.warnings)};
        });
        const bool elsewhere =
            !result && !result.error().fields.empty() && result.error().fields[0].field == "parent_id";
        if (!elsewhere) {
            break;
        }
    }
    return result;
}

Result<Organization> OrganizationService::show(const Principal& principal, OrganizationId id, Instant now) {
    for (const Actor& actor : TRY(acting(principal, Permission::read_directory, now))) {
        auto found = TRY(database_.transact(actor, [&](db::Transaction& tx) { return store_.find(tx, id); }));
        if (found && may(principal, Permission::read_directory, ref(*found), now)) {
            return std::move(*found);
        }
    }
    return hidden();
}

Result<std::vector<Organization>> OrganizationService::list(const Principal& principal,
                                                            const OrganizationFilter& filter, Instant now) {
    std::vector<Organization> out;
    for (const Actor& actor : TRY(acting(principal, Permission::read_directory, now))) {
        auto some = TRY(database_.transact(actor, [&](db::Transaction& tx) { return store_.list(tx, filter); }));
        std::ranges::copy_if(some, std::back_inserter(out), [&](const Organization& organization) {
            return may(principal, Permission::read_directory, ref(organization), now);
        });
    }
    std::ranges::sort(out, {}, &Organization::id);
    if (out.size() > static_cast<std::size_t>(filter.limit)) {
        out.resize(static_cast<std::size_t>(filter.limit));
    }
    return out;
}

Result<Organization> OrganizationService::ensure_ministry(db::Transaction& tx, const std::string& name, Instant now) {
    if (auto ministry = TRY(store_.find_ministry(tx))) {
        return std::move(*ministry);
    }
    Organization ministry;
    ministry.kind = OrganizationKind::ministry;
    ministry.name = fold_width(name);
    auto created = TRY(store_.insert(tx, ministry, "", search_text(ministry), now));
    TRY(audit_.append(tx, Actor::system(),
                      {.action = "organization.create",
                       .organization_path = created.path,
                       .target_kind = "organization",
                       .target_id = created.id.value,
                       .target_name = created.name,
                       .after = summary(created)},
                      now));
    return created;
}

Result<bool> OrganizationService::any() const {
    return TRY(database_.transact(Actor::system(), [&](db::Transaction& tx) {
               return store_.list(tx, {.limit = 2});
           })).size() > 1;
}

Result<std::optional<Organization>> OrganizationService::contact_above(const std::string& path) const {
    return database_.transact(Actor::system(), [&](db::Transaction& tx) { return store_.contact_above(tx, path); });
}

}  // namespace madoguchi::directory
