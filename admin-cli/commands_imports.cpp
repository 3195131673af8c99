// account import, organization import, report import, and what became of each: batch, organization-import,
// report-import.
#include <unistd.h>

#include <chrono>
#include <iostream>
#include <thread>

#include "admin-cli/commands.hpp"
#include "admin-cli/context.hpp"
#include "admin-cli/desired_state.hpp"

namespace madoguchi::admin_cli {
namespace {

const Columns kBatch{"id",         "name",     "state",       "rows.total", "rows.issued",
                     "rows.known", "rows.bad", "rows.failed", "created_at"};
const Columns kImport{"id",         "name",     "state",         "rows.total",  "rows.made",
                      "rows.known", "rows.bad", "rows.left_out", "rows.failed", "created_at"};
const Columns kBatchRows{"row",         "state",      "account.login_id", "institution_code",
                         "family_name", "given_name", "problems"};
const Columns kOrganizationRows{"row", "state", "organization_id", "cells.name", "cells.institution_code", "problems"};
const Columns kReportRows{"row",         "state",   "receipt_number", "cells.institution_code", "cells.report_date",
                          "cells.total", "problems"};
const Columns kRefused{"row", "state", "field", "message"};

struct Kind {
    std::string_view group;  // where it is looked at afterwards
    std::string_view path;
    const Columns& shown;
};

// --- rows out of a file ---

/// The first row names the fields; empty cells say nothing.
Outcome<Json> rows_of_csv(Context& context, const std::string& name, const std::string& text) {
    const auto rows = csv_rows(text);
    Json out = Json::array();
    for (std::size_t i = 1; i < rows.size(); ++i) {
        Json row = Json::object();
        if (rows[i].cells.size() > rows.front().cells.size()) {
            return fail(ExitCode::invalid_input, context.say(texts::kRowsTooManyCells, rows[i].line));
        }
        for (std::size_t cell = 0; cell < rows[i].cells.size(); ++cell) {
            if (!rows[i].cells[cell].empty()) {
                row[rows.front().cells[cell]] = rows[i].cells[cell];
            }
        }
        out.push_back(std::move(row));
    }
    return out.empty() ? fail(ExitCode::invalid_input, context.say(texts::kRowsNoFile, name)) : Outcome<Json>(out);
}

Outcome<Json> rows_of(Context& context) {
    const auto name = context.argument(0);
    const auto format = context.invocation.option("format").value_or(name.ends_with(".json") ? "json" : "csv");
    auto text = CLI_TRY(whole_input(context, name));
    if (format == "csv") {
        constexpr std::string_view kMark = "\xEF\xBB\xBF";  // of UTF-8, as Excel writes it
        return rows_of_csv(context, name, text.starts_with(kMark) ? text.substr(kMark.size()) : text);
    }
    Json rows = Json::parse(text, nullptr, false);
    if (rows.is_object() && rows.contains("rows")) {
        rows = rows["rows"];
    }
    return rows.is_array() && !rows.empty() ? Outcome<Json>(std::move(rows))
                                            : fail(ExitCode::invalid_input, context.say(texts::kRowsNoFile, name));
}

// --- on the way ---

std::int64_t number(const Json& view, std::string_view path) {
    const Json& found = member(view, path);
    return found.is_number_integer() ? found.get<std::int64_t>() : 0;
}

/// Until the server has worked it off, or for as long as --wait says. Progress goes to a terminal alone.
Outcome<Json> wait_for(Context& context, const Kind& kind, Json view) {
    using Clock = std::chrono::steady_clock;
    const auto until =
        Clock::now() + std::chrono::seconds(std::stoi(context.invocation.option("wait").value_or("600")));
    const bool shows = isatty(STDERR_FILENO) == 1 && !context.settings().quiet;
    const std::string path = std::string(kind.path) + "/" + cell(member(view, "id"));
    constexpr auto kBetween = std::chrono::milliseconds(300);
    for (std::string state = cell(member(view, "state")); state == "issuing" || state == "making";
         state = cell(member(view, "state"))) {
        if (Clock::now() >= until) {
            context.note(texts::kRowsStillRunning, kind.group, cell(member(view, "id")));
            break;
        }
        std::this_thread::sleep_for(kBetween);
        view = CLI_TRY(context.api.get(path)).body;
        if (shows) {
            const auto done = number(view, "rows.issued") + number(view, "rows.made") + number(view, "rows.known") +
                              number(view, "rows.failed");
            std::cerr << '\r' << context.say(texts::kRowsProgress, done, number(view, "rows.total")) << std::flush;
        }
    }
    if (shows) {
        std::cerr << '\n';
    }
    return view;
}

/// A line for each reason why a row was not taken in.
Outcome<Json> refused_rows(Context& context, const Kind& kind, const Json& view) {
    const std::string path = std::string(kind.path) + "/" + cell(member(view, "id")) + "/rows";
    const Json all = CLI_TRY(context.api.list(path, "rows", {}, std::nullopt));
    Json out = Json::array();
    for (const Json& row : all["rows"]) {
        const std::string state = cell(row["state"]);
        if (state == "issued" || state == "made" || state == "known" || state == "ready") {
            continue;
        }
        for (const Json& problem : row["problems"]) {
            out.push_back(
                {{"row", row["row"]}, {"state", state}, {"field", problem["field"]}, {"message", problem["message"]}});
        }
    }
    return out;
}

Outcome<ExitCode> import_rows(Context& context, const Kind& kind) {
    CLI_TRY(require_sign_in(context));
    Json body = body_of_options(context);
    body.erase("dry_run");
    body["check_only"] = context.settings().dry_run;
    body["rows"] = CLI_TRY(rows_of(context));
    const ApiAnswer answer = CLI_TRY(context.api.post(std::string(kind.path), body));
    Json view = CLI_TRY(wait_for(context, kind, answer.body));
    const Json refused = CLI_TRY(refused_rows(context, kind, view));
    view["refused"] = refused;
    context.output.record(view, view, kind.shown);
    if (!refused.empty()) {
        if (context.output.is_table()) {
            context.output.line("");
            context.output.list(view, "refused", kRefused);
        }
        context.note(texts::kRowsRefused, refused.size(), number(view, "rows.total"));
    }
    note_dry_run(context);
    return refused.empty() ? ExitCode::ok : ExitCode::invalid_input;
}

Outcome<ExitCode> import_accounts(Context& context) {
    return import_rows(context, {"batch", "/account-batches", kBatch});
}
Outcome<ExitCode> import_organizations(Context& context) {
    return import_rows(context, {"organization-import", "/organization-imports", kImport});
}
Outcome<ExitCode> import_reports(Context& context) {
    return import_rows(context, {"report-import", "/report-imports", kImport});
}

// --- the table ---

constexpr Text kWhich{"its ID", "番号"};

std::vector<Option> import_options() {
    return {
        {.name = "name", .value_name = "TEXT", .help = {"under which it is listed", "一覧での名前"}, .field = "name"},
        {.name = "atomic",
         .value_name = "",
         .help = {"all rows at once, or none", "すべての行を一度に、または1行も取り込まない"},
         .field = "atomic",
         .form = Form::flag},
        {.name = "accept-warnings",
         .value_name = "",
         .help = {"doubtful rows are meant as they are", "確認が要る行も、そのまま取り込む"},
         .field = "accept_warnings",
         .form = Form::flag},
        {.name = "format",
         .value_name = "FORMAT",
         .help = {"csv (default) or json (default for *.json)", "csv（既定）か json（*.json の既定）"},
         .choices = {"csv", "json"}},
        {.name = "wait",
         .value_name = "SECONDS",
         .help = {"how long to wait for the result (default 600)", "結果を待つ秒数（既定 600）"},
         .form = Form::number}};
}

Command import_command(std::string_view group, Text summary, Text details, Example example,
                       Outcome<ExitCode> (*run)(Context&)) {
    return {.group = group,
            .verb = "import",
            .effect = Effect::changes,
            .summary = summary,
            .details = details,
            .arguments = {{"FILE", {"CSV or JSON; - for standard input", "CSVかJSON。- は標準入力"}}},
            .options = import_options(),
            .examples = {example},
            .run = run};
}

struct Look {
    std::string_view group, list, key, show, rows;
    const Columns& columns;
    const Columns& row_columns;
};

/// list, show and rows of one kind.
std::vector<Command> look_commands(const Look& look) {
    const Option show{.name = "show",
                      .value_name = "WHICH",
                      .help = {"all (default), to_fix or failed", "all（既定）、to_fix、failed のいずれか"},
                      .field = "show",
                      .choices = {"all", "to_fix", "failed"}};
    return {{.group = look.group,
             .verb = "list",
             .summary = {"List what was sent", "送ったものの一覧"},
             .options = {limit_option(), all_option()},
             .run = carry_out,
             .call = {.how = Call::How::list, .path = look.list, .key = look.key, .columns = look.columns}},
            {.group = look.group,
             .verb = "show",
             .summary = {"Show how far one is", "進み具合を表示する"},
             .arguments = {{"ID", kWhich}},
             .run = carry_out,
             .call = {.how = Call::How::show, .path = look.show, .columns = look.columns}},
            {.group = look.group,
             .verb = "rows",
             .summary = {"What became of each row", "各行の結果"},
             .arguments = {{"ID", kWhich}},
             .options = {show, limit_option(), all_option()},
             .run = carry_out,
             .call = {.how = Call::How::list, .path = look.rows, .key = "rows", .columns = look.row_columns}}};
}

Command act_command(std::string_view group, std::string_view verb, Text summary, std::string_view path,
                    const Columns& columns, Example example) {
    return {.group = group,
            .verb = verb,
            .effect = Effect::acts,
            .summary = summary,
            .arguments = {{"ID", kWhich}},
            .examples = {example},
            .run = carry_out,
            .call = {.how = Call::How::post, .path = path, .columns = columns}};
}

constexpr Text kConfirm{"Take in what was only checked", "検査だけしたものを取り込む"};
constexpr Text kDrop{"Drop what was only checked", "検査だけしたものを捨てる"};

std::vector<Command> batch_commands() {
    auto out = look_commands({"batch", "/account-batches", "batches", "/account-batches/{0}",
                              "/account-batches/{0}/rows", kBatch, kBatchRows});
    out[0].examples = {{"madoguchi-admin batch list", {"is last night's done?", "昨夜の分は済んだか"}}};
    out[1].examples = {{"madoguchi-admin batch show 8", {"progress", "進み具合"}}};
    out[2].examples = {
        {"madoguchi-admin batch rows 8 --show failed", {"what could not be issued", "発行できなかった行"}}};
    out.push_back(act_command("batch", "confirm", kConfirm, "/account-batches/{0}/confirm", kBatch,
                              {"madoguchi-admin batch confirm 8", {"after a dry run", "検査の後に"}}));
    out.push_back(act_command("batch", "stop", {"Stop between two rows", "途中で止める"}, "/account-batches/{0}/stop",
                              kBatch,
                              {"madoguchi-admin batch stop 8", {"what is issued stays", "発行済みの分は残る"}}));
    out.push_back(act_command("batch", "resume", {"Go on", "再開する"}, "/account-batches/{0}/resume", kBatch,
                              {"madoguchi-admin batch resume 8", {"where it stopped", "止めた所から"}}));
    out.push_back(act_command("batch", "drop", kDrop, "/account-batches/{0}/drop", kBatch,
                              {"madoguchi-admin batch drop 8", {"nothing was issued", "発行はされていない"}}));
    const Option first{.name = "first-row",
                       .value_name = "N",
                       .help = {"from this row on", "この行から"},
                       .field = "first_row",
                       .form = Form::integer};
    const Option last{.name = "last-row",
                      .value_name = "N",
                      .help = {"up to this row", "この行まで"},
                      .field = "last_row",
                      .form = Form::integer};
    const Option language{.name = "language",
                          .value_name = "LANGUAGE",
                          .help = {"ja or en", "ja か en"},
                          .field = "language",
                          .choices = {"ja", "en"}};
    const Option to{.name = "to",
                    .value_name = "FILE",
                    .help = {"where the PDF goes; it must not be there yet", "PDFの保存先（まだないファイル）"},
                    .required = true};
    out.push_back({.group = "batch",
                   .verb = "letters",
                   .effect = Effect::acts,
                   .summary = {"Print the waiting letters as one file", "未印刷の通知書を1つのファイルにする"},
                   .arguments = {{"ID", kWhich}},
                   .options = {to, first, last, language},
                   .examples = {{"madoguchi-admin batch letters 8 --to letters.pdf --yes",
                                 {"passwords are made now", "初期パスワードはこの時に作られる"}}},
                   .run = carry_out,
                   .call = {.how = Call::How::save,
                            .path = "/account-batches/{0}/letters",
                            .asks = {"The waiting letters of batch {0} are printed: their initial passwords are made "
                                     "now.",
                                     "一括発行 {0} の通知書を印刷します。初期パスワードはこの時に作られます。"}}});
    out.push_back(
        {.group = "batch",
         .verb = "links",
         .effect = Effect::acts,
         .summary = {"Text one-time links instead of letters", "通知書の代わりに一回限りのリンクを送る"},
         .arguments = {{"ID", kWhich}},
         .options = {first, last, language},
         .examples = {{"madoguchi-admin batch links 8 --yes",
                       {"to those with a registered number", "番号の登録がある機関へ"}}},
         .run = carry_out,
         .call = {.how = Call::How::post,
                  .path = "/account-batches/{0}/handover-links",
                  .columns = {"sent", "without_contact", "to_be_sent_later"},
                  .asks = {"Links go to the contacts of batch {0}.", "一括発行 {0} の連絡先にリンクを送ります。"}}});
    return out;
}

std::vector<Command> organization_import_commands() {
    auto out = look_commands({"organization-import", "/organization-imports", "imports", "/organization-imports/{0}",
                              "/organization-imports/{0}/rows", kImport, kOrganizationRows});
    out[0].examples = {{"madoguchi-admin organization-import list", {"newest first", "新しい順"}}};
    out[1].examples = {{"madoguchi-admin organization-import show 8", {"progress", "進み具合"}}};
    out[2].examples = {
        {"madoguchi-admin organization-import rows 8 --show to_fix", {"what has to be mended", "直す必要がある行"}}};
    out.push_back(act_command("organization-import", "confirm", kConfirm, "/organization-imports/{0}/confirm", kImport,
                              {"madoguchi-admin organization-import confirm 8", {"after a dry run", "検査の後に"}}));
    out.push_back(
        act_command("organization-import", "drop", kDrop, "/organization-imports/{0}/drop", kImport,
                    {"madoguchi-admin organization-import drop 8", {"nothing was registered", "登録はされていない"}}));
    return out;
}

std::vector<Command> report_import_commands() {
    auto out = look_commands({"report-import", "/report-imports", "imports", "/report-imports/{0}",
                              "/report-imports/{0}/rows", kImport, kReportRows});
    out[0].examples = {{"madoguchi-admin report-import list", {"newest first", "新しい順"}}};
    out[1].examples = {{"madoguchi-admin report-import show 8", {"progress", "進み具合"}}};
    out[2].examples = {{"madoguchi-admin report-import rows 8", {"with the receipt of each", "受付番号とともに"}}};
    out.push_back(act_command("report-import", "confirm", kConfirm, "/report-imports/{0}/confirm", kImport,
                              {"madoguchi-admin report-import confirm 8", {"after a dry run", "検査の後に"}}));
    out.push_back(
        act_command("report-import", "drop", kDrop, "/report-imports/{0}/drop", kImport,
                    {"madoguchi-admin report-import drop 8", {"nothing was reported", "報告はされていない"}}));
    return out;
}

}  // namespace

std::vector<Command> import_commands() {
    constexpr Text kDetails{
        "The first line names the fields as the API does; an empty cell says nothing. Rows that can't be taken in are "
        "printed with their reason, and the exit code is 3. --dry-run checks and keeps the result for \"confirm\".",
        "1行目はAPIと同じ項目名です。空のセルは何も指定しません。取り込めない行は理由とともに表示し、終了コードは3です"
        "。"
        "--dry-run は検査だけを行い、confirm で取り込めます。"};
    std::vector<Command> out{
        import_command(
            "account", {"Issue thousands of IDs from a file", "ファイルからIDを一括発行する"}, kDetails,
            {"madoguchi-admin account import people.csv",
             {"institution_code, family_name, given_name, ...", "institution_code、family_name、given_name など"}},
            import_accounts),
        import_command(
            "organization", {"Register thousands of organizations", "ファイルから機関を一括登録する"}, kDetails,
            {"madoguchi-admin organization import clinics.csv --atomic",
             {"parent_id, name, kana, institution_code, ...", "parent_id、name、kana、institution_code など"}},
            import_organizations),
        import_command("report", {"Report for many organizations or days", "多くの機関・日の報告を一括で行う"},
                       kDetails,
                       {"madoguchi-admin report import -",
                        {"institution_code, report_date, age_0, ..., or kind",
                         "institution_code、report_date、age_0…、または kind"}},
                       import_reports)};
    for (auto& part : {batch_commands(), organization_import_commands(), report_import_commands()}) {
        out.insert(out.end(), part.begin(), part.end());
    }
    return out;
}

}  // namespace madoguchi::admin_cli
