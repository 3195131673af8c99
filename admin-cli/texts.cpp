#include "admin-cli/texts.hpp"

#include <array>

namespace madoguchi::admin_cli {
namespace {

struct Label {
    std::string_view field;
    Text text;
};

constexpr std::array kLabels{
    Label{"id", {"ID", "番号"}},
    Label{"kind", {"KIND", "種類"}},
    Label{"name", {"NAME", "名称"}},
    Label{"kana", {"KANA", "カナ"}},
    Label{"parent_id", {"PARENT", "上位機関"}},
    Label{"institution_code", {"INSTITUTION CODE", "医療機関コード"}},
    Label{"local_government_code", {"LOCAL GOVERNMENT CODE", "全国地方公共団体コード"}},
    Label{"phone", {"PHONE", "電話番号"}},
    Label{"postal_code", {"POSTAL CODE", "郵便番号"}},
    Label{"address", {"ADDRESS", "住所"}},
    Label{"state", {"STATE", "状態"}},
    Label{"created_at", {"CREATED", "登録日時"}},
    Label{"warnings", {"NOTES", "注意"}},
    Label{"login_id", {"LOGIN ID", "ログインID"}},
    Label{"family_name", {"FAMILY NAME", "姓"}},
    Label{"given_name", {"GIVEN NAME", "名"}},
    Label{"family_kana", {"FAMILY KANA", "セイ"}},
    Label{"given_kana", {"GIVEN KANA", "メイ"}},
    Label{"organization", {"ORGANIZATION", "機関"}},
    Label{"organization.id", {"ORGANIZATION ID", "機関番号"}},
    Label{"organization.name", {"ORGANIZATION", "機関"}},
    Label{"organization.kind", {"ORGANIZATION KIND", "機関の種類"}},
    Label{"grants", {"ROLES", "役割"}},
    Label{"permissions", {"PERMISSIONS", "権限"}},
    Label{"second_steps", {"SECOND STEPS", "二段階認証"}},
    Label{"last_signed_in_at", {"LAST SIGN-IN", "最終サインイン"}},
    Label{"initial_password", {"INITIAL PASSWORD", "初期パスワード"}},
    Label{"initial_password_expires_at", {"USABLE UNTIL", "有効期限"}},
    Label{"access_code", {"TEMPORARY CODE", "臨時コード"}},
    Label{"access_code_expires_at", {"USABLE UNTIL", "有効期限"}},
    Label{"reset_code_sent_to", {"CODE SENT TO", "コードの送り先"}},
    Label{"reasons", {"WHY", "理由"}},
    Label{"unlock_helps", {"UNLOCK HELPS", "解除できる"}},
    Label{"browser", {"BROWSER", "ブラウザー"}},
    Label{"channel", {"BY", "経路"}},
    Label{"started_at", {"SIGNED IN", "サインイン日時"}},
    Label{"last_used_at", {"LAST ACTIVE", "最後の操作"}},
    Label{"current", {"THIS ONE", "この端末"}},
    Label{"approval_request_id", {"APPROVAL REQUEST", "承認依頼"}},
    Label{"account", {"ACCOUNT", "アカウント"}},
    Label{"account.id", {"ACCOUNT ID", "アカウント番号"}},
    Label{"account.login_id", {"ACCOUNT", "アカウント"}},
    Label{"role", {"ROLE", "役割"}},
    Label{"from", {"FROM", "開始"}},
    Label{"until", {"UNTIL", "終了"}},
    Label{"revoked_at", {"REVOKED", "取消日時"}},
    Label{"summary", {"SUMMARY", "内容"}},
    Label{"requested_by", {"REQUESTED BY", "依頼者"}},
    Label{"requested_at", {"REQUESTED", "依頼日時"}},
    Label{"decided_by", {"DECIDED BY", "決定者"}},
    Label{"decided_at", {"DECIDED", "決定日時"}},
    Label{"reason", {"REASON", "理由"}},
    Label{"at", {"TIME", "日時"}},
    Label{"actor", {"WHO", "操作者"}},
    Label{"action", {"ACTION", "操作"}},
    Label{"outcome", {"OUTCOME", "結果"}},
    Label{"contact.organization_name", {"CALLER'S ORGANIZATION", "連絡先の機関"}},
    Label{"contact.name", {"CALLER", "連絡先の氏名"}},
    Label{"contact.phone", {"CALL BACK", "連絡先の電話"}},
    Label{"contact.note", {"CALLER'S NOTE", "連絡事項"}},
    Label{"account.state", {"STATE", "状態"}},
    Label{"target", {"TARGET", "対象"}},
    Label{"source", {"SOURCE", "接続元"}},
    Label{"request_id", {"REQUEST ID", "リクエストID"}},
    Label{"before", {"BEFORE", "変更前"}},
    Label{"after", {"AFTER", "変更後"}},
    Label{"position", {"POSITION", "位置"}},
    Label{"problem", {"PROBLEM", "問題"}},
    Label{"ok", {"WHOLE", "正常"}},
    Label{"checked", {"CHECKED", "検査件数"}},
    Label{"head.position", {"HEAD POSITION", "先頭の位置"}},
    Label{"head.hash", {"HEAD HASH", "先頭のハッシュ"}},
    Label{"expires_at", {"UNTIL", "有効期限"}},
    Label{"server", {"SERVER", "サーバー"}},
};

}  // namespace

std::string field_label(std::string_view field, Language language) {
    for (const Label& label : kLabels) {
        if (label.field == field) {
            return std::string(label.text.in(language));
        }
    }
    return std::string(field);
}

Text advice_for_status(int http_status) {
    switch (http_status) {
        case 400:
        case 422:
            return {"Correct the fields named above. Nothing was changed.",
                    "上の項目を直してください。何も変更していません。"};
        case 403:
            return {"Ask an administrator who may do it. \"madoguchi-admin me\" shows what you may do.",
                    "権限のある管理者に依頼してください。自分の権限は madoguchi-admin me で確認できます。"};
        case 404:
            return {"Check the ID. What lies outside your jurisdiction can't be seen.",
                    "IDを確認してください。管轄外のものは表示されません。"};
        case 409:
            return {"Look at the present state (show, list), then decide again.",
                    "現在の状態を show や list で確認してから、やり直してください。"};
        case 429:
        case 502:
        case 503:
        case 504:
            return {"Try again in a while.", "しばらく待ってからやり直してください。"};
        default:
            return http_status >= 500 ? Text{"Try again; if it stays so, give the request ID to the operators.",
                                             "やり直しても続く場合は、リクエストIDを運用担当に伝えてください。"}
                                      : Text{};
    }
}

Text message_for_status(int http_status) {
    switch (http_status) {
        case 400:
        case 422:
            return {"The server refused the input.", "入力に誤りがあります。"};
        case 401:
            return {"The sign-in is missing, has ended or was refused.",
                    "サインインしていないか、期限が切れたか、拒否されました。"};
        case 403:
            return {"You may not do this.", "この操作を行う権限がありません。"};
        case 404:
            return {"Not found.", "見つかりません。"};
        case 409:
            return {"This conflicts with the present state.", "現在の状態と矛盾するため、実行できません。"};
        case 429:
            return {"Too many requests.", "要求が多すぎます。"};
        case 502:
        case 503:
        case 504:
            return {"The server is not available at the moment.", "サーバーが一時的に利用できません。"};
        default:
            return {"The server could not carry out the request.", "サーバーが要求を処理できませんでした。"};
    }
}

}  // namespace madoguchi::admin_cli
