// report, schedule: daily reports, who has reported, the curve.
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

#include "admin-cli/commands.hpp"
#include "admin-cli/context.hpp"

namespace madoguchi::admin_cli {
namespace {

const std::vector<std::string_view> kReport{"report_date", "organization_id", "version",      "kind",
                                            "total",       "receipt_number",  "submitted_at", "late",
                                            "reported_by", "channel",         "reason"};
const std::vector<std::string_view> kDrafts{"organization_id", "organization_name", "report_date",
                                            "total",           "saved_at",          "saved_by"};
const std::vector<std::string_view> kUnusual{"id",       "report_date",  "organization_name", "total",
                                             "warnings", "review_state", "review_note"};
const std::vector<std::string_view> kExported{"report_date",
                                              "organization_id",
                                              "institution_code",
                                              "organization_name",
                                              "version",
                                              "kind",
                                              "total",
                                              "receipt_number",
                                              "submitted_at",
                                              "late",
                                              "reported_by",
                                              "channel",
                                              "reason"};
const std::vector<std::string_view> kCompleteness{"organization.id", "organization.name", "received",
                                                  "expected",        "on_time",           "silent_days",
                                                  "draft_waits",     "last_report_date",  "days"};
const std::vector<std::string_view> kFigures{"report_date", "reports_received", "total_without_follow_up_centers",
                                             "total_with_follow_up_centers"};
const std::vector<std::string_view> kSchedule{"organization_id", "monday",   "tuesday", "wednesday",       "thursday",
                                              "friday",          "saturday", "sunday",  "public_holidays", "version"};

constexpr std::array<std::string_view, 7> kDays = {"monday", "tuesday",  "wednesday", "thursday",
                                                   "friday", "saturday", "sunday"};

/// The days that are named, and no others; of the version that stands now.
Outcome<ExitCode> set_schedule(Context& context) {
    CLI_TRY(require_sign_in(context));
    const std::string path = "/organizations/" + url_encoded(context.argument(0)) + "/report-schedule";
    const auto named = words_of(context.invocation.option("days").value_or(""));
    Json body = Json::object();
    for (const auto day : kDays) {
        body[std::string(day)] = std::ranges::find(named, day) != named.end();
    }
    for (const auto& day : named) {
        if (std::ranges::find(kDays, std::string_view(day)) == kDays.end()) {
            return fail(ExitCode::usage, context.say(texts::kNotAChoice, "--days", fmt::join(kDays, ", ")));
        }
    }
    body["public_holidays"] = context.invocation.has("public-holidays");
    body["version"] = member(CLI_TRY(context.api.get(path)).body, "version");
    const Json answer = CLI_TRY(context.api.put(path, body)).body;
    context.output.record(answer, answer, kSchedule);
    return ExitCode::ok;
}

const std::vector<Command> kTable{
    {.group = "report",
     .verb = "submit",
     .effect = Effect::changes,
     .summary = {"Report the day's positives", "その日の陽性者数を報告する"},
     .options =
         {{.name = "date",
           .value_name = "DATE",
           .help = {"the day", "報告する日"},
           .field = "report_date",
           .required = true},
          report_kind_option(),
          figures_option(),
          {.name = "adjust-date",
           .value_name = "DATE",
           .help = {"an earlier day that had too many or too few", "過不足のあった以前の日"},
           .field = "adjustment.adjusted_date"},
          {.name = "adjust-figures",
           .value_name = "LIST",
           .help = {"how many more (or, with -, fewer) in each band", "各年代の増減（減らすときは -）"},
           .field = "adjustment.differences",
           .form = Form::differences},
          {.name = "adjust-reason", .value_name = "TEXT", .help = {"why", "理由"}, .field = "adjustment.reason"}},
     .examples = {{"madoguchi-admin report submit --date 2026-04-01 --figures 0,0,0,1,2,0,0,0,0,0,1,0,0,0",
                   {"once a day", "1日に1回"}},
                  {"madoguchi-admin report submit --date 2026-04-01 --kind closed", {"a closing day", "休診の日"}},
                  {"madoguchi-admin report submit --date 2026-04-02 --kind zero --adjust-date 2026-04-01 "
                   "--adjust-figures 0,0,0,0,1,0,0,0,0,0,0,0,0,0 --adjust-reason 報告漏れ",
                   {"with an adjustment of the day before", "前日の調整とともに"}}},
     .run = carry_out,
     .call = {.how = Call::How::post, .path = "/daily-reports", .columns = kReport}},
    {.group = "report",
     .verb = "list",
     .summary = {"Your organization's reports of the last days", "自分の機関の最近の報告"},
     .examples = {{"madoguchi-admin report list", {"is today done?", "今日の報告は済んだか"}}},
     .run = carry_out,
     .call = {.how = Call::How::rows, .path = "/daily-reports", .key = "reports", .columns = kReport}},
    {.group = "report",
     .verb = "show",
     .summary = {"Show one day with all versions", "1日の報告を、すべての版とともに表示する"},
     .arguments = {{"DATE", {"the day, 2026-04-01", "日付（2026-04-01）"}}},
     .options = {{.name = "organization",
                  .value_name = "ID",
                  .help = {"of this organization below (default: your own)", "管轄内のこの機関（既定：自分の機関）"},
                  .field = "organization_id"}},
     .examples = {{"madoguchi-admin report show 2026-04-01 --organization 1042",
                   {"who reported what, when", "報告者・数・日時"}}},
     .run = carry_out,
     .call = {.how = Call::How::show,
              .path = "/daily-reports/{0}",
              .columns = {"organization_id", "report_date", "version", "kind", "total", "receipt_number",
                          "submitted_at", "late", "reported_by", "proxy", "versions", "adjustments"}}},
    {.group = "report",
     .verb = "correct",
     .effect = Effect::acts,
     .summary = {"Correct a report by a new version", "報告を訂正する（新しい版になる）"},
     .arguments = {{"DATE", {"the day, 2026-04-01", "日付（2026-04-01）"}}},
     .options = {{.name = "organization",
                  .value_name = "ID",
                  .help = {"of this organization below (default: your own)", "管轄内のこの機関（既定：自分の機関）"},
                  .field = "organization_id"},
                 {.name = "seen",
                  .value_name = "N",
                  .help = {"the version that you saw", "確認した版"},
                  .field = "version",
                  .form = Form::integer,
                  .required = true},
                 report_kind_option(),
                 figures_option(),
                 reason_option()},
     .examples = {{"madoguchi-admin report correct 2026-04-01 --seen 1 --figures 0,0,0,1,3,0,0,0,0,0,1,0,0,0 "
                   "--reason 入力誤り",
                   {"where the policy lets one", "訂正が認められている場合"}}},
     .run = carry_out,
     .call = {.how = Call::How::post, .path = "/daily-reports/{0}/corrections", .columns = kReport}},
    {.group = "report",
     .verb = "drafts",
     .summary = {"Figures that were typed and not sent", "入力されたまま送信されていない報告"},
     .examples = {{"madoguchi-admin report drafts", {"whom to call", "電話で知らせる相手"}}},
     .run = carry_out,
     .call = {.how = Call::How::rows, .path = "/daily-reports/drafts", .key = "drafts", .columns = kDrafts}},
    {.group = "report",
     .verb = "export",
     .summary = {"Every report of the jurisdiction", "管轄内のすべての報告"},
     .options = {{.name = "from", .value_name = "DATE", .help = {"first day", "最初の日"}, .field = "from"},
                 {.name = "to",
                  .value_name = "DATE",
                  .help = {"last day (default: today)", "最後の日（既定：今日）"},
                  .field = "to"},
                 {.name = "as-of",
                  .value_name = "TIME",
                  .help = {"as it counted at that instant", "この時点での数"},
                  .field = "as_of",
                  .form = Form::time}},
     .examples = {{"madoguchi-admin report export --from 2026-04-01 --to 2026-04-07 --output csv",
                   {"a week for a spreadsheet", "1週間分を表計算ソフト用に"}},
                  {"madoguchi-admin report export --from 2026-04-01 --as-of 2026-04-08T09:00:00+09:00 --output json",
                   {"as it was known then", "その時点の内容"}}},
     .run = carry_out,
     .call = {.how = Call::How::rows, .path = "/daily-reports/export", .key = "reports", .columns = kExported}},
    {.group = "report",
     .verb = "completeness",
     .summary = {"Who has reported on which day", "報告状況（機関と日）"},
     .options =
         {{.name = "days",
           .value_name = "N",
           .help = {"how many days up to today", "今日までの日数"},
           .field = "days",
           .form = Form::integer},
          {.name = "show",
           .value_name = "WHICH",
           .help = {"all, or those who need a look", "all または対応が要るもの"},
           .field = "show"},
          {.name = "query", .value_name = "TEXT", .help = {"part of name or code", "名称・コードの一部"}, .field = "q"},
          {.name = "organization",
           .value_name = "ID",
           .help = {"below this one", "この機関の管轄"},
           .field = "organization_id"},
          limit_option(),
          all_option()},
     .examples = {{"madoguchi-admin report completeness --days 7", {"the last week", "直近1週間"}}},
     .run = carry_out,
     .call = {.how = Call::How::list, .path = "/completeness", .key = "organizations", .columns = kCompleteness}},
    {.group = "report",
     .verb = "figures",
     .summary = {"The epidemic curve", "流行曲線の数"},
     .options = {{.name = "from", .value_name = "DATE", .help = {"first day", "最初の日"}, .field = "from"},
                 {.name = "to", .value_name = "DATE", .help = {"last day", "最後の日"}, .field = "to"},
                 {.name = "as-of",
                  .value_name = "TIME",
                  .help = {"as it was known then", "この時点での数"},
                  .field = "as_of",
                  .form = Form::time},
                 {.name = "organization",
                  .value_name = "ID",
                  .help = {"below this one", "この機関の管轄"},
                  .field = "organization_id"}},
     .examples = {{"madoguchi-admin report figures --from 2026-04-01 --to 2026-04-30 --output csv",
                   {"a month, day by day", "1か月を日ごとに"}}},
     .run = carry_out,
     .call = {.how = Call::How::rows, .path = "/daily-figures", .key = "days", .columns = kFigures}},
    {.group = "report",
     .verb = "remind",
     .effect = Effect::acts,
     .summary = {"Remind those who report for an organization", "報告の担当者に催促を送る"},
     .arguments = {{"ORGANIZATION", {"ID of the organization", "機関の番号"}}},
     .examples = {{"madoguchi-admin report remind 1042 --yes", {"by SMS", "SMSで届く"}}},
     .run = carry_out,
     .call = {.how = Call::How::post,
              .path = "/organizations/{0}/report-reminders",
              .columns = {"people"},
              .asks = {"Those who report for organization {0} get a message.",
                       "機関 {0} の報告担当者にメッセージを送ります。"}}},
    {.group = "report",
     .verb = "unusual",
     .summary = {"Figures to look at twice", "確認が要る報告"},
     .examples = {{"madoguchi-admin report unusual", {"what does not look right?", "通常と違う数"}}},
     .run = carry_out,
     .call = {.how = Call::How::rows, .path = "/unusual-reports", .key = "reports", .columns = kUnusual}},
    {.group = "report",
     .verb = "review",
     .effect = Effect::acts,
     .summary = {"Seen, or ask about it", "確認済みにする、または問い合わせる"},
     .arguments = {{"REPORT", {"ID from \"report unusual\"", "番号（report unusual で確認）"}}},
     .options = {{.name = "state",
                  .value_name = "STATE",
                  .help = {"seen or asked", "seen（確認済み）か asked（問い合わせ）"},
                  .field = "state",
                  .required = true,
                  .choices = {"seen", "asked"}},
                 {.name = "note",
                  .value_name = "TEXT",
                  .help = {"the question, or a note", "問い合わせの内容、またはメモ"},
                  .field = "note"}},
     .examples = {{"madoguchi-admin report review 9 --state asked --note 桁の誤りではありませんか",
                   {"the organization sees the question", "機関の画面に表示される"}}},
     .run = carry_out,
     .call = {.how = Call::How::post, .path = "/unusual-reports/{0}/review", .columns = kUnusual}},
    {.group = "schedule",
     .verb = "show",
     .summary = {"Show the weekdays on which an organization reports", "機関が報告する曜日を表示する"},
     .arguments = {{"ORGANIZATION", {"ID of the organization", "機関の番号"}}},
     .examples = {{"madoguchi-admin schedule show 1042", {"is Thursday a closing day?", "木曜は休診か"}}},
     .run = carry_out,
     .call = {.how = Call::How::show, .path = "/organizations/{0}/report-schedule", .columns = kSchedule}},
    {.group = "schedule",
     .verb = "set",
     .effect = Effect::acts,
     .summary = {"Change them to the days that are named", "指定した曜日に改める"},
     .arguments = {{"ORGANIZATION", {"ID of the organization", "機関の番号"}}},
     .options = {{.name = "days",
                  .value_name = "LIST",
                  .help = {"with commas: monday,tuesday,...", "コンマ区切り：monday,tuesday,..."},
                  .required = true},
                 {.name = "public-holidays",
                  .value_name = "",
                  .help = {"on public holidays too", "祝日にも報告する"},
                  .form = Form::flag}},
     .examples = {{"madoguchi-admin schedule set 1042 --days monday,tuesday,wednesday,friday",
                   {"closed on Thursdays", "木曜休診"}}},
     .run = set_schedule},
};

}  // namespace

std::vector<Command> report_commands() {
    return kTable;
}

}  // namespace madoguchi::admin_cli
