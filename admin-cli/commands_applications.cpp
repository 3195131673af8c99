// application list, show, accept, ask, decline.
#include "admin-cli/commands.hpp"

namespace madoguchi::admin_cli {
namespace {

const std::vector<std::string_view> kListed{
    "id",          "number",     "state",      "institution_name",  "institution_code",
    "family_name", "given_name", "applied_at", "health_center.name"};
const std::vector<std::string_view> kShown{
    "id",         "number", "state",      "institution_name",  "institution_code", "address", "family_name",
    "given_name", "phone",  "note",       "applied_at",        "question",         "reply",   "decided_by",
    "decided_at", "reason", "account_id", "health_center.name"};

const std::vector<Command> kTable{
    {.group = "application",
     .verb = "list",
     .summary = {"List applications of clinics without an ID", "IDのない医療機関からの申請の一覧"},
     .options = {{.name = "state",
                  .value_name = "STATE",
                  .help = {"open, asked or done (default: all)", "open、asked、done のいずれか（既定：すべて）"},
                  .field = "state",
                  .choices = {"open", "asked", "done"}},
                 limit_option(),
                 all_option()},
     .examples = {{"madoguchi-admin application list --state open", {"what waits for a decision?", "判断待ちの申請"}}},
     .run = carry_out,
     .call = {.how = Call::How::list, .path = "/applications", .key = "applications", .columns = kListed}},
    {.group = "application",
     .verb = "show",
     .summary = {"Show one application", "申請を1件表示する"},
     .arguments = {{"APPLICATION",
                    {"ID of the application, from \"application list\"", "申請の番号（application list で確認）"}}},
     .examples = {{"madoguchi-admin application show 14", {"who applies, and whom to call", "申請者と連絡先"}}},
     .run = carry_out,
     .call = {.how = Call::How::show, .path = "/applications/{0}", .columns = kShown}},
    {.group = "application",
     .verb = "accept",
     .effect = Effect::acts,
     .summary = {"Accept: register the clinic and issue an ID", "受理し、機関の登録とIDの発行を行う"},
     .arguments = {{"APPLICATION",
                    {"ID of the application, from \"application list\"", "申請の番号（application list で確認）"}}},
     .examples = {{"madoguchi-admin application accept 14",
                   {"the initial password goes by letter or link", "初期パスワードは通知書かリンクで渡す"}}},
     .run = carry_out,
     .call =
         {.how = Call::How::post,
          .path = "/applications/{0}/accept",
          .columns = kShown,
          .asks = {"Application {0} is accepted: the clinic is registered where it is not yet, and an ID is issued.",
                   "申請 {0} を受理し、必要なら機関を登録して、IDを発行します。"}}},
    {.group = "application",
     .verb = "ask",
     .effect = Effect::acts,
     .summary = {"Ask the applicant back", "申請者に問い合わせる"},
     .arguments = {{"APPLICATION",
                    {"ID of the application, from \"application list\"", "申請の番号（application list で確認）"}}},
     .options = {{.name = "question",
                  .value_name = "TEXT",
                  .help = {"what you need to know", "確認したいこと"},
                  .field = "question",
                  .required = true}},
     .examples = {{"madoguchi-admin application ask 14 --question 開設者の氏名を教えてください",
                   {"it is texted to the applicant", "申請者にSMSで届く"}}},
     .run = carry_out,
     .call = {.how = Call::How::post, .path = "/applications/{0}/ask", .columns = kShown}},
    {.group = "application",
     .verb = "decline",
     .effect = Effect::acts,
     .summary = {"Decline, with a reason", "理由を付けて却下する"},
     .arguments = {{"APPLICATION",
                    {"ID of the application, from \"application list\"", "申請の番号（application list で確認）"}}},
     .options = {reason_option()},
     .examples = {{"madoguchi-admin application decline 14 --reason 管轄外のため",
                   {"the applicant reads the reason", "理由は申請者にも伝わる"}}},
     .run = carry_out,
     .call = {.how = Call::How::post,
              .path = "/applications/{0}/decline",
              .columns = kShown,
              .asks = {"Application {0} is declined.", "申請 {0} を却下します。"}}},
};

}  // namespace

std::vector<Command> application_commands() {
    return kTable;
}

}  // namespace madoguchi::admin_cli
