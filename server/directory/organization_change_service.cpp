#include "directory/organization_service.hpp"

#include "base/japanese_text.hpp"
#include "base/limits.hpp"

namespace madoguchi::directory {
namespace {

tl::unexpected<Error> hidden() {
    return failure(ErrorKind::not_found, "not_found");
}

Result<std::string> checked_reason(const std::string& typed) {
    std::string reason = fold_width(typed);
    if (reason.empty()) {
        return invalid_field("reason", "reason_required");
    }
    if (code_points(reason) > limits::kReasonCodePoints) {
        return invalid_field("reason", "too_long", {{"maximum", std::to_string(limits::kReasonCodePoints)}});
    }
    return reason;
}

audit::Entry entry_for(const Organization& organization, const std::string& action, const std::string& reason) {
    return {.action = action,
            .organization_path = organization.path,
            .target_kind = "organization",
            .target_id = organization.id.value,
            .target_name = organization.name,
            .reason = reason};
}

Error named_code(Error error) {
    if (error.detail == "organizations_institution_code") {
        error.fields = {{"institution_code", "already_exists"}};
    }
    return error;
}

}  // namespace

// The one frame of every change: who may, the row under its lock, the work, and a row in the log when it was refused.
template <class Work>
Result<Organization> OrganizationService::change(const Principal& principal, OrganizationId id,
                                                 const std::string& action, Instant now, Work&& work) {
    const audit::Entry attempt{.action = action,
                               .organization_path = principal.home.path,
                               .target_kind = "organization",
                               .target_id = id.value};
    const auto actors = acting(principal, Permission::create_organization, now);
    if (!actors) {
        audit_.refused(as_oneself(principal), attempt, actors.error(), now);
        return failure(actors.error());
    }
    Result<Organization> result = hidden();
    for (const Actor& actor : *actors) {
        result = audit_.audited(actor, attempt, now, [&](db::Transaction& tx) -> Result<Organization> {
            auto found = TRY(store_.lock(tx, id));
            if (!found) {
                return hidden();
            }
            return work(tx, actor, *found);
        });
        if (result || result.error().kind != ErrorKind::not_found) {
            break;
        }
    }
    return result;
}

Result<CreatedOrganization> OrganizationService::edit(const Principal& principal, OrganizationId id,
                                                      const CreateOrganization& command, int version, Instant now) {
    std::vector<std::string> warnings;
    const auto work = [&](db::Transaction& tx, const Actor& actor, const Organization& found) -> Result<Organization> {
        if (!may(principal, Permission::create_organization, ref(found), now)) {
            return failure(ErrorKind::forbidden, "forbidden");
        }
        const auto parent = TRY(get(tx, found.parent));
        CreateOrganization typed = command;
        typed.kind = found.kind;
        typed.parent = found.parent;
        auto checked = TRY(check(typed, parent.kind, parent.prefecture_code));
        Organization changed = checked.organization;
        changed.id = found.id;
        changed.path = found.path;
        changed.state = found.state;
        changed.version = version;
        changed.created_at = found.created_at;
        warnings = std::move(checked.warnings);
        auto updated = store_.update(tx, changed, search_text(changed));
        if (!updated) {
            return failure(named_code(updated.error()));
        }
        if (!*updated) {
            return failure(ErrorKind::conflict, found.state == "active" ? "changed_meanwhile" : "closed_already");
        }
        audit::Entry entry = entry_for(changed, "organization.edit", {});
        entry.before = summary(found);
        entry.after = summary(changed);
        TRY(audit_.append(tx, actor, entry, now));
        changed.version = version + 1;
        return changed;
    };
    auto changed = TRY(change(principal, id, "organization.edit", now, work));
    return CreatedOrganization{std::move(changed), std::move(warnings)};
}

Result<Organization> OrganizationService::close(const Principal& principal, OrganizationId id,
                                                const std::string& typed_reason, Instant now) {
    const auto reason = TRY(checked_reason(typed_reason));
    return change(principal, id, "organization.close", now,
                  [&](db::Transaction& tx, const Actor& actor, Organization found) -> Result<Organization> {
                      if (!may(principal, Permission::create_organization, ref(found), now)) {
                          return failure(ErrorKind::forbidden, "forbidden");
                      }
                      if (TRY(store_.open_below(tx, id)).organizations > 0) {
                          return failure(ErrorKind::conflict, "open_below");
                      }
                      if (!TRY(store_.set_state(tx, id, "active", "closed"))) {
                          return failure(ErrorKind::conflict, "closed_already");
                      }
                      TRY(audit_.append(tx, actor, entry_for(found, "organization.close", reason), now));
                      found.state = "closed";
                      return found;
                  });
}

Result<Organization> OrganizationService::reopen(const Principal& principal, OrganizationId id,
                                                 const std::string& typed_reason, Instant now) {
    const auto reason = TRY(checked_reason(typed_reason));
    return change(principal, id, "organization.reopen", now,
                  [&](db::Transaction& tx, const Actor& actor, Organization found) -> Result<Organization> {
                      if (!may(principal, Permission::create_organization, ref(found), now)) {
                          return failure(ErrorKind::forbidden, "forbidden");
                      }
                      const auto opened = store_.set_state(tx, id, "closed", "active");
                      if (!opened) {
                          return failure(opened.error());
                      }
                      if (!*opened) {
                          return failure(ErrorKind::conflict, "open_already");
                      }
                      TRY(audit_.append(tx, actor, entry_for(found, "organization.reopen", reason), now));
                      found.state = "active";
                      return found;
                  });
}

Result<Organization> OrganizationService::move(const Principal& principal, OrganizationId id, OrganizationId to,
                                               const std::string& typed_reason, Instant now) {
    const auto reason = TRY(checked_reason(typed_reason));
    return change(principal, id, "organization.move", now,
                  [&](db::Transaction& tx, const Actor& actor, Organization found) -> Result<Organization> {
                      const auto old_parent = store_.find(tx, found.parent);
                      const auto new_parent = store_.find(tx, to);
                      if (!TRY(new_parent)) {
                          return invalid_field("to", "not_found");
                      }
                      const Organization& target = **new_parent;
                      if (!TRY(old_parent) || !may_move(principal, ref(**old_parent), ref(target), now)) {
                          return failure(ErrorKind::forbidden, "forbidden");
                      }
                      if (!may_stand_below(found.kind, target.kind) || target.state != "active") {
                          return invalid_field("to", "kind_not_allowed_here");
                      }
                      const auto path = TRY(store_.move(tx, id, to));
                      if (path.empty()) {
                          return failure(ErrorKind::conflict, "moved_nowhere");
                      }
                      // Where it stood is told that it left; where it stands now reads it in its history.
                      audit::Entry entry = entry_for(found, "organization.move", reason);
                      entry.before = {{"parent_id", found.parent.value}, {"parent", (*old_parent)->name}};
                      entry.after = {{"parent_id", to.value}, {"parent", target.name}};
                      TRY(audit_.append(tx, actor, entry, now));
                      found.path = path;
                      found.parent = to;
                      return found;
                  });
}

Result<OpenBelow> OrganizationService::open_below(const Principal& principal, OrganizationId id, Instant now) {
    const auto shown = TRY(show(principal, id, now));
    for (const Actor& actor : TRY(acting(principal, Permission::read_directory, now))) {
        if (actor.jurisdiction.contains(shown.path)) {
            return database_.transact(actor, [&](db::Transaction& tx) { return store_.open_below(tx, id); });
        }
    }
    return hidden();
}

}  // namespace madoguchi::directory
