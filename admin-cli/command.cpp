#include "admin-cli/command.hpp"

#include "admin-cli/commands.hpp"

namespace madoguchi::admin_cli {

std::string Command::words() const {
    return group.empty() ? std::string(verb) : std::string(group) + " " + std::string(verb);
}

const Option* Command::find_option(std::string_view name) const {
    for (const Option& option : options) {
        if (option.name == name) {
            return &option;
        }
    }
    return nullptr;
}

const Option* Command::option_for_field(std::string_view field) const {
    for (const Option& option : options) {
        if (!option.field.empty() && option.field == field) {
            return &option;
        }
    }
    return nullptr;
}

std::span<const Command> all_commands() {
    static const std::vector<Command> kCommands = [] {
        std::vector<Command> all;
        for (auto part : {session_commands(), own_session_commands(), security_commands(), organization_commands(),
                          account_commands(), import_commands(), role_commands(), request_commands(),
                          application_commands(), desk_commands(), report_commands(), received_commands(),
                          audit_commands(), token_commands(), event_commands(), apply_commands(), program_commands()}) {
            all.insert(all.end(), part.begin(), part.end());
        }
        return all;
    }();
    return kCommands;
}

std::span<const Group> all_groups() {
    static const std::vector<Group> kGroups{
        {"session", {"Where you are signed in", "自分がサインイン中の端末"}},
        {"organization", {"Organizations of your jurisdiction", "管轄内の機関"}},
        {"account", {"Accounts: issue, look up, reset, suspend, close", "アカウントの発行・照会・再設定・停止・廃止"}},
        {"batch",
         {"Accounts by the thousand: progress, letters, links", "アカウントの一括発行：進み具合・通知書・リンク"}},
        {"link", {"Initial passwords by one-time links", "初期パスワードの一回限りのリンク"}},
        {"contact", {"Where such links go", "リンクの送り先"}},
        {"unused", {"Accounts that nobody uses", "使われていないアカウント"}},
        {"role", {"Roles: grant, revoke, list", "役割の付与・取消・一覧"}},
        {"request", {"Requests that wait for a decision", "判断を待っている依頼"}},
        {"application", {"Applications of clinics without an ID", "IDのない医療機関からの申請"}},
        {"helpdesk", {"Callers who can't sign in", "サインインできない人への対応"}},
        {"organization-import", {"Organizations by the thousand", "機関の一括登録"}},
        {"report", {"Daily reports", "日次報告"}},
        {"report-import", {"Reports by the thousand", "報告の一括登録"}},
        {"received", {"Reports that came on paper or by telephone", "FAX・電話などで届いた報告"}},
        {"schedule", {"On which weekdays an organization reports", "機関が報告する曜日"}},
        {"audit", {"The audit log", "監査記録"}},
        {"token", {"API tokens of scripts: make, list, revoke", "スクリプトのAPIトークンの作成・一覧・取消"}},
        {"event", {"What happened, in order", "起きたことの順"}},
        {"webhook", {"Events sent to another system", "ほかのシステムへの通知"}},
        {"security", {"Your own second steps", "自分の二段階認証"}},
    };
    return kGroups;
}

std::span<const Option> global_options() {
    static const std::vector<Option> kOptions{
        {.name = "server",
         .value_name = "URL",
         .help = {"server to talk to (default: MADOGUCHI_SERVER, else https://localhost:8443)",
                  "接続先（既定：MADOGUCHI_SERVER、なければ https://localhost:8443）"}},
        {.name = "ca-file",
         .value_name = "FILE",
         .help = {"certificates to trust instead of the system's (PEM; default: MADOGUCHI_CA_FILE)",
                  "システムの代わりに信頼する証明書（PEM。既定：MADOGUCHI_CA_FILE）"}},
        {.name = "token-file",
         .value_name = "FILE",
         .help = {"a file that holds an API token, for scripts (default: MADOGUCHI_TOKEN_FILE, or the token itself in "
                  "MADOGUCHI_TOKEN; else the sign-in)",
                  "APIトークンを書いたファイル。スクリプト用（既定：MADOGUCHI_TOKEN_FILE、またはトークンそのものを "
                  "MADOGUCHI_TOKEN に。なければサインイン）"}},
        {.name = "output,o",
         .value_name = "FORMAT",
         .help = {"table (default), json (the server's data) or csv (RFC 4180; cells that a spreadsheet would run as a "
                  "formula begin with an apostrophe)",
                  "table（既定）、json（サーバーのデータそのまま）、csv（RFC "
                  "4180。表計算ソフトが数式とみなすセルは先頭に ' を付ける）"},
         .choices = {"table", "json", "csv"}},
        {.name = "yes,y",
         .value_name = "",
         .help = {"don't ask for confirmation", "確認を求めない"},
         .form = Form::flag},
        {.name = "dry-run",
         .value_name = "",
         .help = {"check everything, change nothing", "検査だけ行い、何も変更しない"},
         .form = Form::flag},
        {.name = "timeout",
         .value_name = "SECONDS",
         .help = {"wait this long for each answer, 1 to 600 (default 30)", "応答を待つ秒数、1〜600（既定 30）"},
         .form = Form::number},
        {.name = "quiet,q",
         .value_name = "",
         .help = {"results and errors only, no notes", "結果とエラーだけを出力する"},
         .form = Form::flag},
        {.name = "lang",
         .value_name = "LANGUAGE",
         .help = {"ja or en (default: LC_ALL, LC_MESSAGES, LANG)", "ja または en（既定：LC_ALL、LC_MESSAGES、LANG）"},
         .choices = {"ja", "en"}},
        {.name = "version", .value_name = "", .help = {"print the version", "版を表示する"}, .form = Form::flag},
        {.name = "help,h",
         .value_name = "",
         .help = {"print this help; also for each group and command", "この説明を表示する（各コマンドでも使える）"},
         .form = Form::flag},
    };
    return kOptions;
}

Option limit_option() {
    return {.name = "limit",
            .value_name = "N",
            .help = {"at most N rows (default 50)", "最大 N 件（既定 50）"},
            .form = Form::number};
}

Option all_option() {
    return {.name = "all", .value_name = "", .help = {"all rows, however many", "全件"}, .form = Form::flag};
}

Option figures_option() {
    return {
        .name = "figures",
        .value_name = "LIST",
        .help = {"fourteen numbers with commas: age 0, 1-4, 5-9, 10s, 20s, 30s, 40s, 50s, 60-64, 65-69, 70s, 80s, "
                 "90 and over, unknown",
                 "14個の数をコンマで区切る：0歳、1-4歳、5-9歳、10代、20代、30代、40代、50代、60-64歳、65-69歳、70代、"
                 "80代、90歳以上、不明"},
        .field = "figures",
        .form = Form::figures};
}

Option report_kind_option() {
    return {.name = "kind",
            .value_name = "KIND",
            .help = {"zero or closed, for a day without figures", "zero（0件）か closed（休診）。数を伝えない日"},
            .field = "kind",
            .choices = {"figures", "zero", "closed"}};
}

Option reason_option() {
    return {.name = "reason",
            .value_name = "TEXT",
            .help = {"why; kept in the audit log", "理由（監査記録に残る）"},
            .field = "reason",
            .required = true};
}

}  // namespace madoguchi::admin_cli
