// Workbooks made by hand, as other programs write them, and as attackers do.
#pragma once

#include <zip.h>

#include <cstring>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace madoguchi::spreadsheet::testing {

using Entries = std::vector<std::pair<std::string, std::string>>;

/// The bytes of a ZIP archive with these entries.
inline std::string make_zip(const Entries& entries) {
    zip_error_t error;
    zip_error_init(&error);
    zip_source_t* target = zip_source_buffer_create(nullptr, 0, 0, &error);
    zip_source_keep(target);
    zip_t* archive = zip_open_from_source(target, ZIP_TRUNCATE, &error);
    for (const auto& [name, bytes] : entries) {
        zip_source_t* source = zip_source_buffer(archive, bytes.data(), bytes.size(), 0);
        if (zip_file_add(archive, name.c_str(), source, ZIP_FL_ENC_UTF_8) < 0) {
            throw std::runtime_error("zip_file_add");
        }
    }
    if (zip_close(archive) != 0) {
        throw std::runtime_error("zip_close");
    }
    zip_stat_t stat;
    zip_source_stat(target, &stat);
    std::string out(stat.size, '\0');
    zip_source_open(target);
    zip_source_read(target, out.data(), out.size());
    zip_source_close(target);
    zip_source_free(target);
    return out;
}

inline const std::string kTypes =
    R"(<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">)"
    R"(<Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>)"
    R"(<Override PartName="/xl/sharedStrings.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"/></Types>)";
inline const std::string kWorkbook =
    R"(<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">)"
    R"(<sheets><sheet name="隠" sheetId="1" state="hidden" r:id="rId1"/><sheet name="人" sheetId="2" r:id="rId2"/></sheets></workbook>)";
inline const std::string kRelationships =
    R"(<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">)"
    R"(<Relationship Id="rId1" Type="t" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="t" Target="/xl/worksheets/sheet2.xml"/></Relationships>)";

/// A workbook whose visible sheet has these rows (XML inside <sheetData>) and shared strings (XML inside <sst>).
inline std::string make_xlsx(const std::string& rows, const std::string& strings = "", const Entries& more = {}) {
    const std::string space = R"( xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main")";
    Entries entries = {
        {"[Content_Types].xml", kTypes},
        {"xl/workbook.xml", kWorkbook},
        {"xl/_rels/workbook.xml.rels", kRelationships},
        {"xl/sharedStrings.xml", "<sst" + space + ">" + strings + "</sst>"},
        {"xl/worksheets/sheet1.xml", "<worksheet" + space + "><sheetData/></worksheet>"},
        {"xl/worksheets/sheet2.xml", "<worksheet" + space + "><sheetData>" + rows + "</sheetData></worksheet>"}};
    entries.insert(entries.end(), more.begin(), more.end());
    return make_zip(entries);
}

}  // namespace madoguchi::spreadsheet::testing
