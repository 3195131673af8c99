#include "accounts/batch_service.hpp"

#include <algorithm>
#include <limits>
#include <ranges>

#include "base/field_errors.hpp"
#include "base/file_limits.hpp"
#include "base/japanese_text.hpp"
#include "base/limits.hpp"

namespace madoguchi::accounts {
namespace {

using directory::Permission;

constexpr int kAllRows = std::numeric_limits<int>::max();

audit::Entry entry_for(const Batch& batch, std::string action, nlohmann::json after = nullptr) {
    return {.action = std::move(action),
            .organization_path = batch.organization.path,
            .target_kind = "batch",
            .target_id = batch.id.value,
            .target_name = batch.file_name,
            .after = std::move(after)};
}

std::string shown_file_name(const std::string& typed) {
    std::string name = fold_width(valid_utf8(typed) ? typed : std::string());
    while (code_points(name) > limits::kFileNameCodePoints) {
        name.pop_back();
        while (!valid_utf8(name)) {
            name.pop_back();
        }
    }
    return name;
}

std::string_view action_name(BatchEvent event) {
    switch (event) {
        case BatchEvent::confirm:
            return "batch.confirm";
        case BatchEvent::stop:
            return "batch.stop";
        case BatchEvent::resume:
            return "batch.resume";
        case BatchEvent::drop:
            return "batch.drop";
        case BatchEvent::finish:
            break;
    }
    return "batch.finish";
}

// Its last day may have passed since the file was checked.
bool is_over(const RowToIssue& row, Instant now) {
    const auto until = period_of(row.cells).until;
    return until && *until <= now;
}

std::vector<BatchRow> rows_of(const RowsToIssue& command) {
    std::vector<BatchRow> rows;
    rows.reserve(command.rows.size());
    for (const auto& cells : command.rows) {
        rows.push_back({.number = static_cast<int>(rows.size()) + 1,
                        .typed = cells,
                        .cells = cells,
                        .accepted = command.warnings == Warnings::accepted});
    }
    return rows;
}

Batch batch_of(const Principal& principal, const RowsToIssue& command) {
    return {.organization = {}, .file_name = shown_file_name(command.name), .created_by_name = principal.name};
}

// Each reason why one of them can't be issued as it stands, under its row: "rows[12].code".
Result<void> all_ready(const std::vector<BatchRow>& rows) {
    FieldErrors errors;
    for (const auto& row : rows) {
        if (row.state == RowState::ready) {
            continue;
        }
        const std::string place = "rows[" + std::to_string(row.number - 1) + "]";
        if (row.problems.empty()) {
            errors.add(place, row.state == RowState::known ? "batch_known" : "batch_nobody");
        }
        for (const auto& problem : row.problems) {
            const bool code = problem.column == BatchColumn::code;
            errors.add(place + "." + std::string(code ? "institution_code" : to_text(problem.column)), problem.rule,
                       problem.values);
        }
    }
    return std::move(errors).result();
}

// Codes and facilities once each, however many people a facility has.
template <class T>
std::vector<T> each_once(std::vector<T> values) {
    std::ranges::sort(values);
    values.erase(std::unique(values.begin(), values.end()), values.end());
    return values;
}

}  // namespace

template <class F>
auto BatchService::with_batch(const Principal& principal, BatchId id, Hold hold, Instant now, F&& use)
    -> std::invoke_result_t<F&, db::Transaction&, const Actor&, const Batch&> {
    using Outcome = std::invoke_result_t<F&, db::Transaction&, const Actor&, const Batch&>;
    for (const Actor& actor : TRY(directory::acting(principal, Permission::issue_account, now))) {
        Outcome outcome = parts_.database.transact(actor, [&](db::Transaction& tx) -> Outcome {
            const auto batch = hold == Hold::locked ? TRY(store_.lock(tx, id)) : TRY(store_.find(tx, id));
            if (!batch) {
                return failure(ErrorKind::not_found, "not_found");
            }
            return use(tx, actor, *batch);
        });
        if (outcome || outcome.error().kind != ErrorKind::not_found) {
            return outcome;
        }
    }
    return failure(ErrorKind::not_found, "not_found");
}

Result<BatchSurroundings> BatchService::surroundings(db::Transaction& tx, const Principal& principal,
                                                     const std::vector<BatchRow>& rows, Instant now) const {
    std::vector<std::string> codes;
    for (const auto& row : rows) {
        if (auto code = code_of(row.cells)) {
            codes.push_back(std::move(*code));
        }
    }
    BatchSurroundings out;
    std::vector<std::int64_t> found;
    for (const auto& [code, organization] : TRY(store_.facilities(tx, each_once(std::move(codes))))) {
        // What the issuer may not issue for reads as what does not exist (S16).
        if (directory::may(principal, Permission::issue_account, organization, now)) {
            out.facilities.emplace(code, KnownFacility{organization.id, organization.name});
            found.push_back(organization.id.value);
        }
    }
    out.people = TRY(store_.people(tx, found));
    out.now = now;
    return out;
}

Result<BatchId> BatchService::upload(const Principal& principal, const std::string& file_name, std::string_view bytes,
                                     Instant now) {
    const auto actors = TRY(directory::acting(principal, Permission::issue_account, now));
    const auto file = TRY(read_batch(TRY(spreadsheet::read_sheet(file_name, bytes))));
    std::vector<BatchRow> rows;
    rows.reserve(file.rows.size());
    for (const auto& [number, cells] : file.rows) {
        rows.push_back({.number = number, .typed = cells, .cells = cells});
    }
    const Actor& actor = actors.front();  // the widest: it sees what the others see
    return parts_.database.transact(actor, [&](db::Transaction& tx) -> Result<BatchId> {
        auto checked = rows;
        const Batch batch{.organization = {},
                          .file_name = shown_file_name(file_name),
                          .columns = file.places,
                          .created_by_name = principal.name};
        return TRY(insert_checked(tx, principal, actor, batch, checked, now)).id;
    });
}

Result<Batch> BatchService::insert_checked(db::Transaction& tx, const Principal& principal, const Actor& actor,
                                           Batch batch, std::vector<BatchRow>& rows, Instant now) {
    check_rows(rows, TRY(surroundings(tx, principal, rows, now)));
    batch.organization = {actor.organization, {}, actor.jurisdiction.setting(), {}};
    batch.created_by = actor.account;
    batch.id = TRY(store_.insert(tx, batch, now));
    TRY(store_.insert_rows(tx, batch, rows));
    TRY(parts_.audit.append(tx, actor, entry_for(batch, "batch.upload", {{"rows", rows.size()}}), now));
    return batch;
}

// --- of a script ---

Result<BatchId> BatchService::begin(const Principal& principal, const RowsToIssue& command, Instant now) {
    const auto actors = TRY(directory::acting(principal, Permission::issue_account, now));
    return parts_.database.transact(actors.front(), [&](db::Transaction& tx) -> Result<BatchId> {
        auto rows = rows_of(command);
        return TRY(insert_checked(tx, principal, actors.front(), batch_of(principal, command), rows, now)).id;
    });
}

Result<BatchId> BatchService::issue_whole(const Principal& principal, const RowsToIssue& command, Instant now) {
    const auto actors = TRY(directory::acting(principal, Permission::issue_account, now));
    const Actor& actor = actors.front();
    return parts_.database.transact(actor, [&](db::Transaction& tx) -> Result<BatchId> {
        auto rows = rows_of(command);
        const auto batch = TRY(insert_checked(tx, principal, actor, batch_of(principal, command), rows, now));
        TRY(all_ready(rows));
        TRY(issue_all(tx, principal, actor, batch, now));
        return batch.id;
    });
}

Result<void> BatchService::issue_all(db::Transaction& tx, const Principal& principal, const Actor& actor, Batch batch,
                                     Instant now) {
    TRY(store_.start(tx, batch, actor, principal.name, now));
    batch = TRY(store_.lock(tx, batch.id)).value();
    TRY(issue_rows(tx, batch, principal, TRY(store_.next_ready(tx, batch.id, kAllRows)), now));
    const auto counts = TRY(store_.counts(tx, batch.id));
    if (counts[RowState::issued] != counts.total()) {
        return failure(ErrorKind::conflict, "batch_not_whole");
    }
    TRY(store_.set_state(tx, batch, BatchState::done, "", now));
    return parts_.audit.append(tx, actor, entry_for(batch, "batch.finish", {{"issued", counts[RowState::issued]}}),
                               now);
}

Result<BatchView> BatchService::show(const Principal& principal, BatchId id, Instant now) {
    return with_batch(principal, id, Hold::none, now,
                      [&](db::Transaction& tx, const Actor&, const Batch& batch) -> Result<BatchView> {
                          const auto counts = TRY(store_.counts(tx, id));
                          BatchView view{batch, counts};
                          if (batch.state == BatchState::checked) {
                              view.folded = folded_cells(TRY(store_.rows(tx, id, RowFilter::folded, 0, kAllRows)));
                          }
                          return view;
                      });
}

Result<std::vector<BatchView>> BatchService::list(const Principal& principal, BatchId before, int limit, Instant now) {
    std::vector<BatchView> out;
    for (const Actor& actor : TRY(directory::acting(principal, Permission::issue_account, now))) {
        TRY(parts_.database.transact(actor, [&](db::Transaction& tx) -> Result<void> {
            for (auto& batch : TRY(store_.list(tx, before, limit))) {
                const auto counts = TRY(store_.counts(tx, batch.id));
                out.push_back({std::move(batch), counts});
            }
            return {};
        }));
    }
    std::ranges::sort(out, std::greater(), [](const BatchView& view) { return view.batch.id; });
    out.resize(std::min(out.size(), static_cast<std::size_t>(limit)));
    return out;
}

Result<std::int64_t> BatchService::count_in(const Principal& principal, std::initializer_list<BatchState> states,
                                            Instant now) {
    std::int64_t count = 0;
    for (const Actor& actor : TRY(directory::acting(principal, Permission::issue_account, now))) {
        TRY(parts_.database.transact(actor, [&](db::Transaction& tx) -> Result<void> {
            for (const auto state : states) {
                count += TRY(store_.count_in(tx, state));
            }
            return {};
        }));
    }
    return count;
}

Result<std::int64_t> BatchService::count_issuing(const Principal& principal, Instant now) {
    return count_in(principal, {BatchState::issuing}, now);
}

Result<std::int64_t> BatchService::count_open(const Principal& principal, Instant now) {
    return count_in(principal, {BatchState::checked, BatchState::issuing, BatchState::stopped}, now);
}

Result<std::vector<BatchRow>> BatchService::rows(const Principal& principal, BatchId id, RowFilter filter, int after,
                                                 int limit, Instant now) {
    return with_batch(principal, id, Hold::none, now, [&](db::Transaction& tx, const Actor&, const Batch&) {
        return store_.rows(tx, id, filter, after, limit > 0 ? limit : kAllRows);
    });
}

Result<std::map<int, std::string>> BatchService::login_ids(const Principal& principal, BatchId id, Instant now) {
    return with_batch(principal, id, Hold::none, now,
                      [&](db::Transaction& tx, const Actor&, const Batch&) { return store_.login_ids(tx, id); });
}

Result<std::vector<std::pair<std::string, std::string>>> BatchService::without_accounts(const Principal& principal,
                                                                                        Instant now) {
    const auto actors = TRY(directory::acting(principal, Permission::issue_account, now));
    return parts_.database.transact(
        actors.front(), [&](db::Transaction& tx) { return store_.without_accounts(tx, limits::kSheetRows); });
}

Result<Corrected> BatchService::correct(const Principal& principal, BatchId id,
                                        const std::vector<RowCorrection>& corrections, Warnings warnings, Instant now) {
    return with_batch(principal, id, Hold::locked, now,
                      [&](db::Transaction& tx, const Actor&, const Batch& batch) -> Result<Corrected> {
                          TRY(advance(batch.state, BatchEvent::confirm));
                          auto rows = TRY(store_.rows(tx, id, RowFilter::all, 0, kAllRows));
                          const auto before = rows;
                          auto corrected = Corrected::nothing;
                          for (const auto& correction : corrections) {
                              const auto row = std::ranges::find(rows, correction.number, &BatchRow::number);
                              if (row == rows.end() || row->state == RowState::issued) {
                                  continue;
                              }
                              const auto cells = row->cells;
                              for (const auto& [column, value] : correction.cells) {
                                  at(row->cells, column) = value;
                              }
                              const bool was_left_out = row->state == RowState::left_out;
                              const bool changed = cells != row->cells || was_left_out != correction.left_out;
                              corrected = changed ? Corrected::something : corrected;
                              const bool looked_at = row->state == RowState::warned && warnings == Warnings::accepted;
                              row->accepted = !changed && (row->accepted || looked_at);
                              row->problems.clear();
                              row->state = correction.left_out ? RowState::left_out : RowState::bad;
                          }
                          if (corrected == Corrected::nothing && warnings == Warnings::asked_again) {
                              return corrected;
                          }
                          check_rows(rows, TRY(surroundings(tx, principal, rows, now)));
                          std::vector<BatchRow> differing;
                          for (std::size_t i = 0; i < rows.size(); ++i) {
                              const bool same = rows[i].cells == before[i].cells && rows[i].state == before[i].state &&
                                                rows[i].accepted == before[i].accepted &&
                                                rows[i].account == before[i].account;
                              if (!same || !rows[i].problems.empty()) {
                                  differing.push_back(rows[i]);
                              }
                          }
                          TRY(store_.update_rows(tx, id, differing));
                          TRY(store_.touch(tx, id));
                          return corrected;
                      });
}

Result<void> BatchService::act(const Principal& principal, BatchId id, BatchEvent event, int version, Instant now) {
    return with_batch(
        principal, id, Hold::locked, now,
        [&](db::Transaction& tx, const Actor& actor, const Batch& batch) -> Result<void> {
            const auto next = TRY(advance(batch.state, event));
            if (batch.version != version) {
                return failure(ErrorKind::conflict, "batch_changed");
            }
            const auto counts = TRY(store_.counts(tx, id));
            if (next == BatchState::issuing && counts[RowState::ready] == 0) {
                return failure(ErrorKind::invalid, "batch_nothing_to_issue");
            }
            const bool moved =
                next == BatchState::issuing
                    ? TRY(store_.start(tx, batch, actor, principal.name, now))
                    : TRY(store_.set_state(tx, batch, next, event == BatchEvent::stop ? "somebody" : "", now));
            if (!moved) {
                return failure(ErrorKind::conflict, "batch_changed");
            }
            return parts_.audit.append(
                tx, actor, entry_for(batch, std::string(action_name(event)), {{"ready", counts[RowState::ready]}}),
                now);
        });
}

// --- the worker ---

// Who confirmed may have lost the right since: each step asks again.
Result<Principal> BatchService::issuer_of(db::Transaction& tx, const Batch& batch, Instant now) const {
    const auto account = TRY(parts_.accounts.find(tx, batch.started_by, now));
    if (!account || account->state != AccountState::active) {
        return failure(ErrorKind::forbidden, "forbidden");
    }
    return Principal{.account = account->id,
                     .login_id = account->login_id,
                     .name = batch.started_by_name,
                     .home = account->organization,
                     .grants = account->grants,
                     .session = {},
                     .channel = "batch",
                     .source = batch.source,
                     .request_id = batch.request_id};
}

Result<bool> BatchService::work(Instant now) {
    return parts_.database.transact(Actor::system(), [&](db::Transaction& tx) -> Result<bool> {
        const auto batch = TRY(store_.take_issuing(tx));
        if (!batch) {
            return false;
        }
        const auto issuer = issuer_of(tx, *batch, now);
        const auto home = directory::OrganizationRef{batch->organization};
        const bool entitled =
            issuer && std::ranges::any_of(issuer->grants, [&](const directory::Grant& grant) {
                return grant.active(now) && home.path.starts_with(grant.organization.path) &&
                       directory::reach(grant.role, Permission::issue_account) != directory::Reach::none;
            });
        if (!issuer && issuer.error().kind != ErrorKind::forbidden) {
            return failure(issuer.error());
        }
        if (!entitled) {
            TRY(store_.set_state(tx, *batch, BatchState::stopped, "rights_lost", now));
            TRY(parts_.audit.append(tx, Actor::system(), entry_for(*batch, "batch.stop", {{"because", "rights_lost"}}),
                                    now));
            return true;
        }
        const auto rows = TRY(store_.next_ready(tx, batch->id, limits::kBatchChunk));
        if (rows.empty()) {
            TRY(store_.set_state(tx, *batch, BatchState::done, "", now));
            const auto counts = TRY(store_.counts(tx, batch->id));
            TRY(parts_.audit.append(
                tx, Actor::system(),
                entry_for(*batch, "batch.finish",
                          {{"issued", counts[RowState::issued]}, {"failed", counts[RowState::failed]}}),
                now));
            return true;
        }
        TRY(issue_rows(tx, *batch, *issuer, rows, now));
        return true;
    });
}

// Who of these has an ID there by now. Another batch's that commits in this moment is held off by the unique index.
Result<People> BatchService::people_of(db::Transaction& tx, const std::vector<RowToIssue>& rows) const {
    std::vector<std::int64_t> organizations;
    std::vector<std::string> keys;
    for (const auto& row : rows) {
        organizations.push_back(row.organization.value);
        keys.push_back(person_key(row.cells));
    }
    return rows.empty() ? Result<People>(People())
                        : store_.people_named(tx, each_once(std::move(organizations)), each_once(std::move(keys)));
}

Result<void> BatchService::issue_rows(db::Transaction& tx, const Batch& batch, const Principal& issuer,
                                      const std::vector<RowToIssue>& rows, Instant now) {
    std::vector<std::int64_t> organizations;
    organizations.reserve(rows.size());
    for (const auto& row : rows) {
        organizations.push_back(row.organization.value);
    }
    const auto places = TRY(store_.places(tx, each_once(organizations)));
    const auto numbers = TRY(store_.login_numbers(tx, rows.size()));
    const auto known = TRY(people_of(tx, rows));
    std::vector<RowToIssue> issuable;
    std::vector<std::string> login_ids, searches;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const auto place = places.find(rows[i].organization);
        // Moved or closed since the check: it stays behind, and the page says so.
        if (place == places.end() || !place->second.first.path.starts_with(batch.organization.path) ||
            !directory::may(issuer, Permission::issue_account, place->second.first, now) || is_over(rows[i], now) ||
            known.contains({rows[i].organization, person_key(rows[i].cells)})) {
            continue;
        }
        const auto& cells = rows[i].cells;
        login_ids.push_back(
            make_login_id(parts_.login_ids, place->second.first.kind, place->second.second, numbers[i]));
        searches.push_back(search_text({at(cells, BatchColumn::family_name), at(cells, BatchColumn::given_name),
                                        at(cells, BatchColumn::family_kana), at(cells, BatchColumn::given_kana)},
                                       login_ids.back()));
        issuable.push_back(rows[i]);
    }
    std::vector<IssuedRow> issued;
    std::set<int> done;
    if (!issuable.empty()) {
        std::map<int, std::size_t> index;
        for (std::size_t i = 0; i < issuable.size(); ++i) {
            index.emplace(issuable[i].number, i);
        }
        for (const auto& [number, account] :
             TRY(store_.insert_accounts(tx, batch, issuable, login_ids, searches, now))) {
            const auto i = index.at(number);
            issued.push_back({number, account, login_ids[i], places.at(issuable[i].organization).first,
                              period_of(issuable[i].cells)});
            done.insert(number);
        }
    }
    auto actor = directory::as_oneself(issuer);
    actor.organization = batch.organization.id;
    TRY(note_issued(tx, batch, actor, issued, now));
    std::vector<RowToIssue> missing;
    std::ranges::copy_if(rows, std::back_inserter(missing),
                         [&](const RowToIssue& row) { return !done.contains(row.number); });
    return note_not_issued(tx, batch, missing, now);
}

Result<void> BatchService::note_issued(db::Transaction& tx, const Batch& batch, const Actor& actor,
                                       const std::vector<IssuedRow>& issued, Instant now) {
    if (issued.empty()) {
        return {};
    }
    std::vector<directory::GiveRole> roles;
    std::vector<audit::Entry> entries;
    std::vector<std::int64_t> numbers, accounts;
    for (const auto& row : issued) {
        const auto& place = row.organization;
        roles.push_back({row.account,
                         place.path,
                         row.login_id,
                         directory::usual_role(place.kind),
                         place,
                         std::max(now, row.period.from.value_or(now)),
                         row.period.until,
                         {}});
        entries.push_back({.action = "account.issue",
                           .organization_path = place.path,
                           .target_kind = "account",
                           .target_id = row.account.value,
                           .target_name = row.login_id,
                           .after = {{"organization_id", place.id.value},
                                     {"organization", place.name},
                                     {"login_id", row.login_id},
                                     {"batch", batch.id.value},
                                     {"row", row.number}}});
        numbers.push_back(row.number);
        accounts.push_back(row.account.value);
    }
    TRY(parts_.audit.append_many(tx, actor, entries, now));
    TRY(parts_.grants.give_many(tx, actor, roles, now));
    return store_.finish_rows(tx, batch.id, RowState::issued, numbers, accounts, {});
}

Result<void> BatchService::note_not_issued(db::Transaction& tx, const Batch& batch,
                                           const std::vector<RowToIssue>& missing, Instant now) const {
    const auto people = TRY(people_of(tx, missing));
    std::vector<std::int64_t> known, known_accounts, failed, over;
    for (const auto& row : missing) {
        const auto person = people.find({row.organization, person_key(row.cells)});
        if (person == people.end()) {
            (is_over(row, now) ? over : failed).push_back(row.number);
        } else {
            known.push_back(row.number);
            known_accounts.push_back(person->second.account.value);
        }
    }
    TRY(store_.finish_rows(tx, batch.id, RowState::known, known, known_accounts, "batch_issued_elsewhere"));
    TRY(store_.finish_rows(tx, batch.id, RowState::failed, over, std::vector<std::int64_t>(over.size()),
                           "batch_period_over"));
    return store_.finish_rows(tx, batch.id, RowState::failed, failed, std::vector<std::int64_t>(failed.size()),
                              "batch_facility_gone");
}

}  // namespace madoguchi::accounts
