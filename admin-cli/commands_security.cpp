// security show, activity, recovery-codes, rename, default, remove.
#include "admin-cli/commands.hpp"

namespace madoguchi::admin_cli {
namespace {

const std::vector<std::string_view> kSteps{"id", "kind", "label", "name", "default", "disabled", "last_used_at"};
const std::vector<std::string_view> kActivity{"at", "action", "outcome", "target", "own", "source"};

const std::vector<Command> kTable{
    {.group = "security",
     .verb = "show",
     .summary = {"Show your second steps", "自分の二段階認証を表示する"},
     .examples = {{"madoguchi-admin security show", {"which phones and apps may I use?", "登録済みの電話とアプリ"}}},
     .run = carry_out,
     .call = {.how = Call::How::rows, .path = "/me/security", .key = "second_steps", .columns = kSteps}},
    {.group = "security",
     .verb = "activity",
     .summary = {"What happened to your account", "自分のアカウントの記録"},
     .options = {limit_option(), all_option()},
     .examples = {{"madoguchi-admin security activity --limit 10", {"was it me?", "心当たりのない操作の確認"}}},
     .run = carry_out,
     .call = {.how = Call::How::list, .path = "/me/activity", .key = "events", .columns = kActivity}},
    {.group = "security",
     .verb = "recovery-codes",
     .effect = Effect::acts,
     .summary = {"Make new recovery codes; the old ones end", "回復コードを作り直す（前のものは使えなくなる）"},
     .details = {"Run \"madoguchi-admin prove\" first.", "先に madoguchi-admin prove を実行してください。"},
     .examples = {{"madoguchi-admin security recovery-codes",
                   {"write them down; they are shown once", "紙に控える（表示は1度だけ）"}}},
     .run = carry_out,
     .call = {.how = Call::How::post,
              .path = "/me/recovery-codes",
              .columns = {"recovery_codes"},
              .asks = {"New recovery codes are made; the old ones stop working.",
                       "回復コードを作り直します。前のものは使えなくなります。"}}},
    {.group = "security",
     .verb = "default",
     .effect = Effect::acts,
     .summary = {"Ask for this second step first", "この二段階認証を最初に求める"},
     .arguments = {{"STEP",
                    {"ID of the second step, from \"security show\"", "二段階認証の番号（security show で確認）"}}},
     .examples = {{"madoguchi-admin security default 31", {"the app, not the phone", "電話ではなくアプリを使う"}}},
     .run = carry_out,
     .call =
         {.how = Call::How::post, .path = "/me/second-steps/{0}/default", .key = "second_steps", .columns = kSteps}},
    {.group = "security",
     .verb = "rename",
     .effect = Effect::acts,
     .summary = {"Give a second step a name", "二段階認証に名前を付ける"},
     .arguments = {{"STEP",
                    {"ID of the second step, from \"security show\"", "二段階認証の番号（security show で確認）"}}},
     .options = {{.name = "name",
                  .value_name = "NAME",
                  .help = {"what you call it", "呼び名"},
                  .field = "name",
                  .required = true}},
     .examples = {{"madoguchi-admin security rename 31 --name 窓口の電話",
                   {"which phone is it?", "どの電話かわかるように"}}},
     .run = carry_out,
     .call = {.how = Call::How::post, .path = "/me/second-steps/{0}/rename", .key = "second_steps", .columns = kSteps}},
    {.group = "security",
     .verb = "remove",
     .effect = Effect::acts,
     .summary = {"Remove a second step", "二段階認証の登録を消す"},
     .arguments = {{"STEP",
                    {"ID of the second step, from \"security show\"", "二段階認証の番号（security show で確認）"}}},
     .examples = {{"madoguchi-admin security remove 31 --yes", {"a phone that you gave back", "返却した電話"}}},
     .run = carry_out,
     .call = {.how = Call::How::post,
              .path = "/me/second-steps/{0}/remove",
              .key = "second_steps",
              .columns = kSteps,
              .asks = {"Second step {0} is removed.", "二段階認証 {0} の登録を消します。"}}},
};

}  // namespace

std::vector<Command> security_commands() {
    return kTable;
}

}  // namespace madoguchi::admin_cli
