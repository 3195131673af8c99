#include "accounts/batch_api.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/api_limits.hpp"
#include "base/limits.hpp"
#include "directory/file_import_api.hpp"
#include "directory/organization_api.hpp"
#include "http/conditional.hpp"
#include "http/json_reader.hpp"
#include "http/json_values.hpp"

namespace madoguchi::accounts {
namespace {

using HttpRequest = http::Request;
using http::Response;

constexpr std::string_view kPath = "/api/v1/account-batches";

// In the order of BatchColumn.
constexpr std::array<std::string_view, std::tuple_size_v<RowCells>> kFields = {
    "institution_code", "organization_name", "family_name", "given_name",
    "family_kana",      "given_kana",        "valid_from",  "valid_until"};
constexpr directory::RowForm kForm = {
    .fields = {kFields, kFields}, .most = limits::kApiRows, .most_at_once = limits::kApiRowsAtomic};

std::string_view field_of(BatchColumn column) {
    return column == BatchColumn::code ? "institution_code" : to_text(column);
}

nlohmann::json to_json(const BatchView& view) {
    const auto& [batch, counts, folded] = view;
    const int finished = counts[RowState::issued] + counts[RowState::known] + counts[RowState::failed];
    return {{"id", std::to_string(batch.id.value)},
            {"name", batch.file_name},
            {"state", to_text(batch.state)},
            {"stopped_because",
             batch.stopped_because.empty() ? nlohmann::json(nullptr) : nlohmann::json(batch.stopped_because)},
            {"rows",
             {{"total", counts.total()},
              {"ready", counts[RowState::ready]},
              {"warned", counts[RowState::warned]},
              {"bad", counts[RowState::bad]},
              {"left_out", counts[RowState::left_out]},
              {"known", counts[RowState::known]},
              {"issued", counts[RowState::issued]},
              {"failed", counts[RowState::failed]},
              {"finished", finished}}},
            {"created_at", format_rfc3339_japan(batch.created_at)},
            {"created_by", batch.created_by_name},
            {"started_at", http::optional_time(batch.started_at)},
            {"finished_at", http::optional_time(batch.finished_at)}};
}

std::string tag_of(const Batch& batch) {
    return http::entity_tag("batch " + std::to_string(batch.id.value) + " " + std::to_string(batch.version));
}

Response answer(int status, const BatchView& view) {
    return Response::json(status, to_json(view)).with_header("ETag", tag_of(view.batch));
}

Result<BatchId> wanted(const HttpRequest& request) {
    const auto id = http::parse_identifier(request.path_parameter("id"));
    if (!id) {
        return failure(ErrorKind::not_found, "not_found");
    }
    return BatchId{*id};
}

Result<Response> begin(const BatchApiParts& parts, const HttpRequest& request) {
    const auto principal = TRY(parts.guard(request));
    const auto sent = TRY(directory::read_rows(request, kForm));
    RowsToIssue command{
        .name = sent.name, .rows = {}, .warnings = sent.accept_warnings ? Warnings::accepted : Warnings::asked_again};
    command.rows.reserve(sent.rows.size());
    for (const auto& cells : sent.rows) {
        RowCells row;
        std::ranges::copy(cells, row.begin());
        command.rows.push_back(std::move(row));
    }
    if (sent.atomic && !sent.check_only) {
        const auto id = TRY(parts.batches.issue_whole(principal, command, request.now));
        return answer(201, TRY(parts.batches.show(principal, id, request.now)))
            .with_header("Location", std::string(kPath) + "/" + std::to_string(id.value));
    }
    const auto id = TRY(parts.batches.begin(principal, command, request.now));
    auto view = TRY(parts.batches.show(principal, id, request.now));
    if (!sent.check_only && view.counts[RowState::ready] > 0) {
        TRY(parts.batches.act(principal, id, BatchEvent::confirm, view.batch.version, request.now));
        parts.confirmed();
        view = TRY(parts.batches.show(principal, id, request.now));
    }
    return answer(202, view).with_header("Location", std::string(kPath) + "/" + std::to_string(id.value));
}

// --- looking ---

Result<Response> list(const BatchApiParts& parts, const HttpRequest& request) {
    const auto principal = TRY(parts.guard(request));
    TRY(http::known_query(request, {"cursor", "limit"}));
    const auto page = TRY(directory::page_of(request));
    auto found = TRY(parts.batches.list(principal, {page.after_id}, page.limit + 1, request.now));
    nlohmann::json out = {{"batches", nlohmann::json::array()}, {"next_cursor", nullptr}};
    if (found.size() > static_cast<std::size_t>(page.limit)) {
        found.resize(static_cast<std::size_t>(page.limit));
        out["next_cursor"] = std::to_string(found.back().batch.id.value);
    }
    for (const auto& view : found) {
        out["batches"].push_back(to_json(view));
    }
    return Response::json(200, out);
}

nlohmann::json problems_of(const BatchApiParts& parts, const HttpRequest& request, const BatchRow& row) {
    auto out = nlohmann::json::array();
    for (const auto& problem : row.problems) {
        nlohmann::json one = {{"field", field_of(problem.column)},
                              {"rule", problem.rule},
                              {"message", parts.texts.text("error." + problem.rule, request.locale, problem.values)},
                              {"warning", problem.warning}};
        if (!problem.suggestion.empty()) {
            one["suggestion"] = problem.suggestion;
        }
        out.push_back(std::move(one));
    }
    return out;
}

Result<Response> rows(const BatchApiParts& parts, const HttpRequest& request) {
    const auto principal = TRY(parts.guard(request));
    TRY(http::known_query(request, {"cursor", "limit", "show"}));
    const auto id = TRY(wanted(request));
    const auto page = TRY(directory::page_of(request));
    const auto show = request.query.find("show").value_or("all");
    if (show != "all" && show != "to_fix" && show != "failed") {
        return invalid_field("show", "unknown_value");
    }
    const auto filter = show == "to_fix" ? RowFilter::to_fix : show == "failed" ? RowFilter::failed : RowFilter::all;
    auto found =
        TRY(parts.batches.rows(principal, id, filter, static_cast<int>(page.after_id), page.limit + 1, request.now));
    nlohmann::json out = {{"rows", nlohmann::json::array()}, {"next_cursor", nullptr}};
    if (found.size() > static_cast<std::size_t>(page.limit)) {
        found.resize(static_cast<std::size_t>(page.limit));
        out["next_cursor"] = std::to_string(found.back().number);
    }
    const auto login_ids = TRY(parts.batches.login_ids(principal, id, request.now));
    for (const auto& row : found) {
        nlohmann::json one = {{"row", row.number}, {"state", to_text(row.state)}, {"account", nullptr}};
        for (const auto column : kAllBatchColumns) {
            one[std::string(field_of(column))] = at(row.cells, column);
        }
        const auto login_id = login_ids.find(row.number);
        if (row.account && login_id != login_ids.end()) {
            one["account"] = {{"id", std::to_string(row.account.value)}, {"login_id", login_id->second}};
        }
        one["problems"] = problems_of(parts, request, row);
        out["rows"].push_back(std::move(one));
    }
    return Response::json(200, out);
}

// --- acts ---

std::optional<BatchEvent> event_of(std::string_view act) {
    return act == "confirm"  ? std::optional(BatchEvent::confirm)
           : act == "stop"   ? std::optional(BatchEvent::stop)
           : act == "resume" ? std::optional(BatchEvent::resume)
           : act == "drop"   ? std::optional(BatchEvent::drop)
                             : std::nullopt;
}

Result<Response> act(const BatchApiParts& parts, const HttpRequest& request) {
    const auto principal = TRY(parts.guard(request));
    const auto id = TRY(wanted(request));
    const auto event = event_of(request.path_parameter("act"));
    if (!event) {
        return failure(ErrorKind::not_found, "not_found");
    }
    const auto view = TRY(parts.batches.show(principal, id, request.now));
    TRY(http::match_if_asked(request, tag_of(view.batch)));
    TRY(parts.batches.act(principal, id, *event, view.batch.version, request.now));
    parts.confirmed();
    return answer(200, TRY(parts.batches.show(principal, id, request.now)));
}

Result<Locale> language_of(http::JsonReader& reader) {
    const auto name = reader.optional_text("language").value_or("ja");
    if (name != "ja" && name != "en") {
        reader.errors().add("language", "unknown_value");
    }
    return name == "en" ? Locale::en : Locale::ja;
}

Response as_pdf(PrintedLetters printed) {
    return Response{200, "application/pdf", std::move(printed.pdf)};
}

Result<Response> batch_letters(const BatchApiParts& parts, const HttpRequest& request) {
    const auto principal = TRY(parts.guard(request));
    const auto id = TRY(wanted(request));
    const auto body = TRY(request.json());
    http::JsonReader reader(body);
    const auto first = reader.optional_integer("first_row").value_or(1);
    const auto last = reader.optional_integer("last_row").value_or(limits::kApiRows);
    const auto language = TRY(language_of(reader));
    TRY(reader.finish());
    const auto bounded = [](std::int64_t row) {
        return static_cast<int>(std::clamp<std::int64_t>(row, 0, limits::kApiRows));
    };
    return as_pdf(TRY(parts.letters.print_batch(principal, id, bounded(first), bounded(last), language, request.now)));
}

Result<Response> letter(const BatchApiParts& parts, const HttpRequest& request) {
    const auto principal = TRY(parts.guard(request));
    const AccountId account{http::parse_identifier(request.path_parameter("id")).value_or(0)};
    const auto body = TRY(request.json());
    http::JsonReader reader(body);
    const auto prints = reader.optional_integer("printed_before").value_or(0);
    const auto language = TRY(language_of(reader));
    TRY(reader.finish());
    return as_pdf(TRY(parts.letters.print(principal, account, static_cast<int>(prints), language, request.now)));
}

}  // namespace

void add_batch_api(http::RouteTable& routes, const BatchApiParts& parts) {
    using http::Method;
    using Handler = Result<Response> (*)(const BatchApiParts&, const HttpRequest&);
    const auto add = [&](Method method, const std::string& pattern, Handler handler,
                         http::RouteBody body = http::RouteBody::form) {
        routes.api(
            method, pattern, [parts, handler](const HttpRequest& request) { return handler(parts, request); }, body);
    };
    const std::string path(kPath);
    add(Method::post, path, begin, http::RouteBody::rows);
    add(Method::get, path, list);
    add(Method::get, path + "/{id}", [](const BatchApiParts& with, const HttpRequest& request) -> Result<Response> {
        const auto principal = TRY(with.guard(request));
        TRY(http::known_query(request, {}));
        return answer(200, TRY(with.batches.show(principal, TRY(wanted(request)), request.now)));
    });
    add(Method::get, path + "/{id}/rows", rows);
    add(Method::post, path + "/{id}/letters", batch_letters);
    add(Method::post, path + "/{id}/{act}", act);
    add(Method::post, "/api/v1/accounts/{id}/letter", letter);
}

}  // namespace madoguchi::accounts
