#include "directory/file_import_service.hpp"

#include <limits>

namespace madoguchi::directory {

audit::Entry FileImportService::entry_for(const FileImport& one, std::string_view act, nlohmann::json after) const {
    return {.action = std::string(kind_.audit) + "." + std::string(act),
            .organization_path = one.path,
            .target_kind = std::string(kind_.audit),
            .target_id = one.id.value,
            .target_name = one.file_name,
            .after = std::move(after)};
}

Result<ImportId> FileImportService::keep(db::Transaction& tx, const Actor& actor, const std::string& name,
                                         FileImport one, const std::vector<FileRow>& rows, Instant now) const {
    one.path = actor.jurisdiction.setting();
    one.organization = actor.organization;
    one.created_by = actor.account;
    one.created_by_name = name;
    one.id = TRY(store_.insert(tx, kind_, one, now));
    TRY(store_.insert_rows(tx, one, rows));
    TRY(audit_.append(tx, actor, entry_for(one, "upload", {{"rows", rows.size()}}), now));
    return one.id;
}

Result<std::vector<FileRow>> FileImportService::rows(db::Transaction& tx, ImportId id, ImportFilter filter, int after,
                                                     int limit) const {
    return store_.rows(tx, id, filter, after, limit > 0 ? limit : std::numeric_limits<int>::max());
}

Result<void> FileImportService::still_checked(const FileImport& one) {
    if (one.state == ImportState::checked) {
        return {};
    }
    return failure(Error{.kind = ErrorKind::conflict,
                         .message_id = "import_state",
                         .values = {{"state", std::string(to_text(one.state))}}});
}

Result<void> FileImportService::confirm(db::Transaction& tx, const Actor& actor, const std::string& name,
                                        const FileImport& one, int version, Instant now) const {
    TRY(still_checked(one));
    const auto counts = TRY(store_.counts(tx, one.id));
    if (counts[ImportRowState::ready] == 0) {
        return failure(ErrorKind::invalid, "import_nothing_to_make");
    }
    if (one.version != version || !TRY(store_.start(tx, one, actor, name, now))) {
        return failure(ErrorKind::conflict, "batch_changed");
    }
    return audit_.append(tx, actor, entry_for(one, "confirm", {{"ready", counts[ImportRowState::ready]}}), now);
}

Result<void> FileImportService::drop(db::Transaction& tx, const Actor& actor, const FileImport& one,
                                     Instant now) const {
    TRY(still_checked(one));
    if (!TRY(store_.set_state(tx, one, ImportState::dropped, now))) {
        return failure(ErrorKind::conflict, "batch_changed");
    }
    return audit_.append(tx, actor, entry_for(one, "drop"), now);
}

// Who confirmed may have lost the right since: each step asks again.
Result<Principal> FileImportService::starter_of(db::Transaction& tx, const FileImport& one, Instant now) const {
    const auto starter = TRY(store_.starter(tx, one.started_by));
    if (!starter || !starter->active) {
        return failure(ErrorKind::forbidden, "forbidden");
    }
    auto grants = TRY(grants_.standing(tx, one.started_by, now));
    return Principal{.account = one.started_by,
                     .login_id = starter->login_id,
                     .name = one.started_by_name,
                     .home = starter->home,
                     .grants = std::move(grants),
                     .session = {},
                     .channel = "batch",
                     .source = one.source,
                     .request_id = one.request_id};
}

Result<void> FileImportService::finish(db::Transaction& tx, const Actor& actor, const FileImport& one,
                                       Instant now) const {
    TRY(store_.set_state(tx, one, ImportState::done, now));
    const auto counts = TRY(store_.counts(tx, one.id));
    return audit_.append(
        tx, actor,
        entry_for(one, "finish", {{"made", counts[ImportRowState::made]}, {"failed", counts[ImportRowState::failed]}}),
        now);
}

}  // namespace madoguchi::directory
