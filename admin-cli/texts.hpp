// Everything this program says, in English and Japanese. Help for the commands stands in help_texts.hpp.
// A text is a constant, so a missing one is a compile error; {0}, {1} are filled in by say().
#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>

namespace madoguchi::admin_cli {

enum class Language { ja, en };

struct Text {
    std::string_view en = {};
    std::string_view ja = {};

    constexpr std::string_view in(Language language) const { return language == Language::ja ? ja : en; }
    constexpr bool empty() const { return en.empty(); }
};

template <class... Values>
std::string say(Language language, const Text& text, const Values&... values) {
    return fmt::format(fmt::runtime(text.in(language)), values...);
}

/// The heading of a column or row, from the name of the field in the server's JSON ("organization.name"). Unknown
/// fields keep their name.
std::string field_label(std::string_view field, Language language);

/// What to do after an answer with this status. Empty when there is nothing useful to say.
Text advice_for_status(int http_status);

/// What happened, when the server's answer doesn't say it itself.
Text message_for_status(int http_status);

namespace texts {

// --- frame of an error ---
inline constexpr Text kFieldLine{"  {0}: {1} [{2}]", "  {0}：{1}［{2}］"};
inline constexpr Text kAdviceLine{"What to do: {0}", "対処：{0}"};
inline constexpr Text kRequestIdLine{"Request ID: {0}", "リクエストID：{0}"};
inline constexpr Text kUnknownShell{"\"{0}\" is neither bash nor zsh.", "「{0}」は bash でも zsh でもありません。"};
inline constexpr Text kSeeHelp{"Help: madoguchi-admin {0}--help", "使い方：madoguchi-admin {0}--help"};

// --- command line ---
inline constexpr Text kNoCommand{"A command is missing.", "コマンドが指定されていません。"};
inline constexpr Text kUnknownCommand{"There is no command \"{0}\".", "「{0}」というコマンドはありません。"};
inline constexpr Text kDidYouMean{"Did you mean \"{0}\"?", "「{0}」ではありませんか。"};
inline constexpr Text kGroupNeedsVerb{"\"{0}\" needs one of: {1}.", "「{0}」の後に次のいずれかが必要です：{1}"};
inline constexpr Text kUnknownOption{"There is no option {0} here.", "{0} というオプションはここでは使えません。"};
inline constexpr Text kOptionNeedsValue{"Option {0} needs a value.", "オプション {0} には値が必要です。"};
inline constexpr Text kOptionTakesNoValue{"Option {0} takes no value.", "オプション {0} に値は指定できません。"};
inline constexpr Text kOptionTwice{"Option {0} is given more than once.", "オプション {0} が2回以上指定されています。"};
inline constexpr Text kOptionMissing{"Option {0} is required.", "オプション {0} は必須です。"};
inline constexpr Text kArgumentMissing{"{0} is missing.", "{0} が指定されていません。"};
inline constexpr Text kTooManyArguments{"\"{0}\" is one argument too many.", "余分な引数「{0}」があります。"};
inline constexpr Text kNotAChoice{"{0} must be one of: {1}.", "{0} は次のいずれかで指定してください：{1}"};
inline constexpr Text kNotANumber{"{0} must be a whole number from {1} to {2}.",
                                  "{0} は {1} から {2} までの整数で指定してください。"};
inline constexpr Text kNotWhole{"{0} must be a whole number.", "{0} は整数で指定してください。"};
inline constexpr Text kNotFigures{
    "{0} takes {1} whole numbers with commas: age 0, 1-4, 5-9, 10s to 50s, 60-64, 65-69, 70s, 80s, 90 and over, "
    "unknown.",
    "{0} には {1} 個の整数をコンマで区切って指定してください：0歳、1-4歳、5-9歳、10代〜50代、60-64歳、65-69歳、70代、"
    "80代、90歳以上、不明"};
inline constexpr Text kNotATime{
    "{0} must be a date (2026-04-01, Japan time), a time (2026-04-01T09:00:00+09:00) or a span before now (30m, 1h, "
    "7d).",
    "{0} "
    "は日付（2026-04-01、日本時間）、日時（2026-04-01T09:00:00+09:"
    "00）、または今からさかのぼる時間（30m、1h、7d）で指定してください。"};
inline constexpr Text kTogether{"{0} and {1} can't be used together.", "{0} と {1} は同時に指定できません。"};
inline constexpr Text kBadCommandLine{"The command line can't be read: {0}", "コマンドの書き方を解釈できません：{0}"};
inline constexpr Text kSecretAsArgument{
    "{0} is not an option: passwords, codes and tokens are never taken as arguments, because every user of this "
    "computer can "
    "read them in the list of processes and the shell keeps them in its history.",
    "{0} というオプションはありません。引数に書いたパスワード・認証コード・トークンは、この端末の他の利用者が"
    "プロセス一覧で読むことができ、シェルの履歴にも残るため、引数では受け取りません。"};
inline constexpr Text kSecretAsArgumentAdvice{
    "Leave it out and type it when asked, or use --password-stdin or --password-file FILE. If you just typed a real "
    "password, change it: it may stand in your shell's history.",
    "省略して、画面の求めに応じて入力するか、--password-stdin または --password-file FILE を使ってください。"
    "本物のパスワードを書いてしまった場合は、シェルの履歴に残っている可能性があるため変更してください。"};
inline constexpr Text kNoDryRun{"{0} has no dry run.", "{0} では --dry-run を使えません。"};
inline constexpr Text kBadServerUrl{
    "{0} is not a server URL like https://example.jp or https://example.jp:8443.",
    "「{0}」は https://example.jp や https://example.jp:8443 の形のURLではありません。"};
inline constexpr Text kPlainHttp{"Plain http is allowed to this computer (localhost) only: {0}",
                                 "暗号化しない http は、この端末自身（localhost）に対してのみ使えます：{0}"};

// --- codes handed over ---
inline constexpr Text kAccessCodeHeading{"Temporary code (shown this once):", "臨時コード（この1回だけ表示します）："};
inline constexpr Text kAccessCodeAdvice{
    "Read it to the account's owner after you made sure who calls. It works once, until the time above.",
    "本人であることを確かめてから伝えてください。上の時刻までに1回だけ使えます。"};
inline constexpr Text kResetCodeSent{"The reset code went to {0}. Only its owner can read it.",
                                     "再設定コードを {0} に送りました。本人だけが読めます。"};
inline constexpr Text kWillIssueAccessCode{
    "{0} gets a temporary code that stands for the second step once, and its sessions end. The password stays.",
    "{0} "
    "に、二段階認証の代わりに1回だけ使える臨時コードを発行し、セッションを終了します。パスワードはそのまま残ります。"};
inline constexpr Text kSessionsEnded{"Ended.", "終了しました。"};

// --- network ---
inline constexpr Text kUnreachable{"{0} could not be reached: {1}.", "{0} に接続できません：{1}"};
inline constexpr Text kUnreachableAdvice{
    "Check --server (now {0}) and the network, and that the server is running.",
    "--server の指定（現在は {0}）とネットワーク、サーバーが動作しているかを確認してください。"};
inline constexpr Text kUntrusted{"The certificate of {0} could not be verified: {1}.",
                                 "{0} の証明書を確認できません：{1}"};
inline constexpr Text kUntrustedAdvice{
    "If the server uses a certificate of its own, name the certificate file by --ca-file or MADOGUCHI_CA_FILE. "
    "Verification can't be switched off.",
    "サーバーが独自の証明書を使っている場合は、その証明書ファイルを --ca-file または MADOGUCHI_CA_FILE "
    "で指定してください。"
    "証明書の確認を省くことはできません。"};
inline constexpr Text kBadCaFile{"The CA file {0} can't be used: {1}.", "CA ファイル {0} を使えません：{1}"};
inline constexpr Text kTimedOut{"{0} did not answer in time: {1}.", "{0} から時間内に応答がありません：{1}"};
inline constexpr Text kTimedOutAdvice{"Try again, or give it longer with --timeout SECONDS.",
                                      "やり直すか、--timeout 秒数 で待ち時間を延ばしてください。"};
inline constexpr Text kMaybeDone{
    "The server may have carried it out all the same: look (show, list) before you repeat it.",
    "サーバー側では処理が済んでいる可能性があります。繰り返す前に show や list で確認してください。"};
inline constexpr Text kNotOurServer{"{0} did not answer as a Madoguchi server would (HTTP {1}).",
                                    "{0} の応答が Madoguchi のサーバーのものではありません（HTTP {1}）。"};
inline constexpr Text kNotOurServerAdvice{"Check --server.", "--server の指定を確認してください。"};
inline constexpr Text kRetrying{"The server is busy; trying again in {0} s.",
                                "サーバーが混雑しています。{0}秒後にやり直します。"};
inline constexpr Text kRetryAfter{"Try again in {0} s.", "{0}秒後にやり直してください。"};

// --- session ---
inline constexpr Text kNotSignedIn{"You are not signed in to {0}.", "{0} にサインインしていません。"};
inline constexpr Text kNotSignedInAdvice{"Sign in: madoguchi-admin sign-in",
                                         "サインインしてください：madoguchi-admin sign-in"};
inline constexpr Text kAskLoginId{"Login ID: ", "ログインID： "};
inline constexpr Text kAskPassword{"Password (not shown): ", "パスワード（表示されません）： "};
inline constexpr Text kAskMethod{"Second step, 1 to {0} [{1}]: ", "二段階認証の方法、1〜{0} [{1}]： "};
inline constexpr Text kMethodDefault{"(default)", "（既定）"};
inline constexpr Text kAskCode{"Code (Enter alone: send again): ", "認証コード（空のままEnterで再送）： "};
inline constexpr Text kAskTotpCode{"Code of the authenticator app: ", "認証アプリのコード： "};
inline constexpr Text kCodeSent{"A code is on its way to {0}, valid until {1}.",
                                "{0} に認証コードを送りました。有効期限：{1}"};
inline constexpr Text kSignedIn{"Signed in to {0} as {1} until {2}.",
                                "{1} として {0} にサインインしました。有効期限：{2}"};
inline constexpr Text kProven{"Proven, for ten minutes.", "本人であることを確かめました（10分間有効）。"};
inline constexpr Text kProveAdvice{"Run: madoguchi-admin prove", "madoguchi-admin prove を実行してください。"};
inline constexpr Text kSignedOut{"Signed out of {0}.", "{0} からサインアウトしました。"};
inline constexpr Text kWasNotSignedIn{"You were not signed in to {0}.", "{0} にはサインインしていませんでした。"};
inline constexpr Text kTokenRemovedOnly{
    "The token was removed from this computer, but the server could not be told: it ends by itself within the hour.",
    "この端末からトークンを消しましたが、サーバーには通知できませんでした。トークンは1時間以内に失効します。"};
inline constexpr Text kNoSuchMethod{"No second step of the kind {0} is registered. Registered: {1}.",
                                    "{0} の二段階認証は登録されていません。登録済み：{1}"};
inline constexpr Text kFirstSignIn{
    "Sign in once in a browser to register a second step and to replace the initial password: {0}/sign-in",
    "まずブラウザーでサインインし、二段階認証の登録と初期パスワードの変更を行ってください：{0}/sign-in"};
inline constexpr Text kNoTerminalForSecret{"There is no terminal to ask for the password or code on.",
                                           "パスワードや認証コードを尋ねる端末がありません。"};
inline constexpr Text kNoTerminalForSecretAdvice{
    "Use --password-stdin or --password-file FILE, and --code-stdin.",
    "--password-stdin または --password-file FILE と、--code-stdin を使ってください。"};
inline constexpr Text kEmptySecret{"The password or code is empty.", "パスワードまたは認証コードが空です。"};
inline constexpr Text kSecretTooLong{"The line is longer than {0} bytes.", "1行が {0} バイトを超えています。"};
inline constexpr Text kFileUnreadable{"{0} can't be read: {1}.", "{0} を読めません：{1}"};
inline constexpr Text kFileUnwritable{"{0} can't be written: {1}.", "{0} に書き込めません：{1}"};
inline constexpr Text kFileOpenToOthers{"{0} can be read or changed by other users.",
                                        "{0} は他の利用者が読み書きできる状態です。"};
inline constexpr Text kFileOpenToOthersAdvice{"Make it yours alone: chmod 600 {0}",
                                              "自分だけが読めるようにしてください：chmod 600 {0}"};
inline constexpr Text kTokenFileBroken{"The token file {0} is damaged.", "トークンファイル {0} が壊れています。"};
inline constexpr Text kTokenFileBrokenAdvice{"Remove it and sign in again.", "削除して、サインインし直してください。"};
inline constexpr Text kNoHome{"Neither XDG_STATE_HOME nor HOME names a folder for the token.",
                              "トークンの保存先が分かりません（XDG_STATE_HOME も HOME も設定されていません）。"};

// --- confirmation ---
inline constexpr Text kAboutTo{"On {0}:", "対象サーバー：{0}"};
inline constexpr Text kContinue{"Continue? [y/N] ", "続けますか？ [y/N] "};
inline constexpr Text kDeclined{"Nothing was changed.", "何も変更していません。"};
inline constexpr Text kCancelled{"Cancelled. Nothing was changed.", "取り消しました。何も変更していません。"};
inline constexpr Text kNeedsYes{"This has to be confirmed, and there is no terminal to ask on. Nothing was changed.",
                                "確認が必要ですが、尋ねる端末がありません。何も変更していません。"};
inline constexpr Text kNeedsYesAdvice{"Look at it with --dry-run, then repeat with --yes.",
                                      "--dry-run で内容を確かめてから、--yes を付けて実行してください。"};
inline constexpr Text kWillClose{"Account {0} is closed. It can't be opened again; its sessions end at once.",
                                 "アカウント {0} を廃止します。元に戻せません。利用中のセッションは直ちに終了します。"};
inline constexpr Text kWillSuspend{
    "Account {0} is suspended; its sessions end at once. \"account resume\" ends the suspension.",
    "アカウント {0} を停止します。利用中のセッションは直ちに終了します。再開は account resume で行います。"};
inline constexpr Text kWillResetPassword{
    "The password of {0} stops working and its sessions end; a new initial password is made. The second step stays.",
    "{0} "
    "の現在のパスワードは使えなくなり、セッションが終了します。新しい初期パスワードを発行します。二段階認証はそのまま残"
    "ります。"};
inline constexpr Text kWillResetSecondStep{
    "All second steps of {0} are removed and its sessions end; it registers anew at the next sign-in. The password "
    "stays.",
    "{0} "
    "の二段階認証の登録をすべて消し、セッションが終了します。次のサインインで登録し直します。パスワードはそのまま残りま"
    "す。"};

// --- results ---
inline constexpr Text kDryRunNote{
    "Dry run: nothing was changed. IDs and numbers above are examples; real ones are given when it is carried out.",
    "確認のみ（--dry-run）：何も変更していません。上のIDや番号は例で、実際の値は実行したときに決まります。"};
inline constexpr Text kEmptyList{"Nothing found.", "該当するものはありません。"};
inline constexpr Text kMoreRows{"{0} shown; there are more. Use --limit N or --all.",
                                "{0}件を表示しました。続きがあります。--limit N または --all を使ってください。"};
// --- what a request asks for ---
inline constexpr Text kAsksResetPassword{"reset the password", "パスワードの再設定"};
inline constexpr Text kAsksResetSecondStep{"reset the second step", "二段階認証の再設定"};
inline constexpr Text kAsksAccessCode{"issue a temporary code", "臨時コードの発行"};
inline constexpr Text kAsksStartReset{"start a reset", "再設定の開始"};
inline constexpr Text kAsksForRole{"give the role {0} at {1}", "役割 {0} の割り当て（{1}）"};
inline constexpr Text kAsksBecause{"{0} ({1})", "{0}（理由：{1}）"};
inline constexpr Text kAsksUnverified{"{0}, asked on the public page for {1}: check who it is",
                                      "{0}（公開ページから {1} について。本人未確認）"};
inline constexpr Text kWaitsForApproval{
    "Not done yet: this waits for a second person's approval as request {0}. They run: madoguchi-admin request approve "
    "{0}",
    "まだ実行されていません。別の人の承認待ちです（依頼 {0}）。承認者の操作：madoguchi-admin request approve {0}"};
inline constexpr Text kInitialPasswordHeading{"Initial password (shown only this once):",
                                              "初期パスワード（この一度だけ表示します）："};
inline constexpr Text kInitialPasswordAdvice{
    "Hand it to its owner only. It serves to set an own password, once, and then stops working.",
    "本人にのみ渡してください。本人がパスワードを設定するために一度だけ使え、その後は無効になります。"};
inline constexpr Text kInitialPasswordNotTerminal{
    "Warning: an initial password or temporary code was just written to a file or another program. Don't leave it in "
    "logs, shell history or shared folders; remove it once it is handed over.",
    "注意：初期パスワードや臨時コードをファイルまたは他のプログラムに出力しました。ログ、シェルの履歴、共有フォルダーに"
    "残さず、"
    "渡した後は消去してください。"};
inline constexpr Text kWarning{"Note: {0}", "注意：{0}"};
inline constexpr Text kAuditGood{"The audit log is whole: {0} events checked.",
                                 "監査記録に問題はありません：{0}件を検査しました。"};
inline constexpr Text kAuditBad{"The audit log has been changed or cut: {0} problems in {1} events.",
                                "監査記録に改変または欠落があります：{1}件中{0}件の問題。"};
inline constexpr Text kAuditBadAdvice{
    "Keep the database and the signed head file as they are, and tell whoever is responsible for security.",
    "データベースと署名付きの先頭ファイルをそのまま保全し、情報セキュリティの責任者に連絡してください。"};
inline constexpr Text kOutputLost{"The output could not be written: {0}.", "出力を書き込めませんでした：{0}"};
inline constexpr Text kOutputLostAdvice{
    "What the command did is done. If an initial password was lost with the output, make a new one: account "
    "reset-password",
    "コマンドの処理自体は済んでいます。初期パスワードを失った場合は account reset-password で新しく発行してください。"};
inline constexpr Text kUnexpected{"Unexpected failure: {0}", "予期しない障害：{0}"};
inline constexpr Text kNone{"(none)", "（なし）"};

// --- one request ---
inline constexpr Text kDone{"Done.", "完了しました。"};
inline constexpr Text kSaved{"{0}: {1} bytes, readable by you alone.",
                             "{0} に保存しました（{1}バイト、本人だけが読めます）。"};

// --- rows ---
inline constexpr Text kRowsNoFile{
    "{0} holds no rows: CSV with a line of field names, or a JSON list of objects.",
    "{0} に行がありません。1行目に項目名のあるCSVか、オブジェクトの並びのJSONにしてください。"};
inline constexpr Text kRowsTooManyCells{"line {0} has more cells than there are names of fields",
                                        "{0}行目のセルが、項目名より多くあります"};
inline constexpr Text kRowsProgress{"{0} of {1}", "{1}件中{0}件"};
inline constexpr Text kRowsRefused{"{0} of {1} rows were not taken in.", "{1}行のうち{0}行は取り込んでいません。"};
inline constexpr Text kRowsStillRunning{"It goes on at the server. Look: madoguchi-admin {0} show {1}",
                                        "サーバーで続いています。確認：madoguchi-admin {0} show {1}"};

// --- token ---
inline constexpr Text kTokenOnce{"The token, shown this once:", "トークン（表示は1度だけです）："};
inline constexpr Text kWillRevokeToken{"revoke token {0}: the program that uses it stops",
                                       "トークン {0} を取り消します。使っているプログラムは止まります"};

// --- apply ---
inline constexpr Text kApplyLine{"line {0}: {1}", "{0}行目：{1}"};
inline constexpr Text kApplyUnknownField{"there is no field \"{0}\" here", "ここに「{0}」という項目はありません"};
inline constexpr Text kApplyUnknownRecord{"\"{0}\" is neither organization nor account",
                                          "「{0}」は organization でも account でもありません"};
inline constexpr Text kApplyNotText{"{0} must be a text", "{0} は文字列で書いてください"};
inline constexpr Text kApplyNotMapping{"{0} must be a mapping of fields", "{0} は項目と値の組で書いてください"};
inline constexpr Text kApplyNoKey{"one of these is missing: {0}", "次のいずれかが要ります：{0}"};
inline constexpr Text kApplyNeedsKind{"\"{0}\" does not exist yet: kind, parent and name are needed to make it",
                                      "「{0}」はまだありません。作るには kind、parent、name が要ります"};
inline constexpr Text kApplyNoOrganization{"there is no organization \"{0}\" in your jurisdiction",
                                           "機関「{0}」は管轄内にありません"};
inline constexpr Text kApplyNoAccount{
    "there is no account \"{0}\": organization and family_name are needed to issue it",
    "アカウント「{0}」はありません。発行するには organization と family_name が要ります"};
inline constexpr Text kApplyAmbiguous{"several organizations are called \"{0}\": name it by code or ID",
                                      "「{0}」という機関がいくつもあります。コードかIDで指してください"};
inline constexpr Text kApplyNoFile{"Can't read {0}.", "{0} を読めません。"};
inline constexpr Text kApplyNothing{"Nothing to do: everything is as the file says.",
                                    "違いはありません。すべてファイルのとおりです。"};
inline constexpr Text kApplySummary{"Plan: {0} new, {1} changed, {2} taken away.",
                                    "計画：新規{0}件、変更{1}件、取消{2}件。"};
inline constexpr Text kApplyDone{"Done: {0} steps.", "終わりました：{0}件。"};
inline constexpr Text kApplyWaiting{"{0} roles wait for a second person's approval.",
                                    "{0}件の役割が、2人目の承認を待っています。"};

}  // namespace texts
}  // namespace madoguchi::admin_cli
