#include "dlms/apdu/apdu.hpp"

namespace ferraris::dlms {

bool ApduReader::present() {
    const std::uint8_t flag = in_.u8();
    if (flag > 1) refuse(ApduError::malformed);
    return flag == 1;
}

void ApduReader::tag(ApduTag expected) {
    if (in_.u8() != static_cast<std::uint8_t>(expected)) refuse(ApduError::unknown_tag);
}

ByteView ApduReader::data() {
    if (failed()) return {};
    DataReader element(in_.rest());
    const auto whole = element.any();
    if (!whole) {
        refuse(element.error() == DataError::truncated ? ApduError::truncated : ApduError::malformed);
        return {};
    }
    return in_.take(whole->encoded.size());
}

void take(ApduReader& in, AttributeDescriptor& item) {
    item.class_id = in.u16();
    const ByteView name = in.take(6);
    if (name.size() == 6) item.instance = LogicalName::from(name);
    item.attribute = static_cast<std::int8_t>(in.u8());
}

void take(ApduReader& in, MethodDescriptor& item) {
    item.class_id = in.u16();
    const ByteView name = in.take(6);
    if (name.size() == 6) item.instance = LogicalName::from(name);
    item.method = static_cast<std::int8_t>(in.u8());
}

void take(ApduReader& in, AttributeRequest& item) {
    take(in, item.attribute);
    item.selection.reset();
    if (!in.present()) return;
    Selection selection;
    selection.selector = in.u8();
    selection.parameters = in.data();
    item.selection = selection;
}

void take(ApduReader& in, EncodedData& item) { item.octets = in.data(); }

void take(ApduReader& in, DataAccessResult& item) { item = static_cast<DataAccessResult>(in.u8()); }

void take(ApduReader& in, GetDataResult& item) {
    item = {};
    const std::uint8_t choice = in.u8();
    if (choice == 0) {
        item.data = in.data();
    } else if (choice == 1) {
        take(in, item.result);
        // "Success" without the data it promises: a contradiction that a caller would take for an empty value.
        if (item.result == DataAccessResult::success) in.refuse(ApduError::malformed);
    } else {
        in.refuse(ApduError::unknown_choice);
    }
}

void take(ApduReader& in, ActionOutcome& item) {
    item.result = static_cast<ActionResult>(in.u8());
    item.returned.reset();
    if (!in.present()) return;
    // Here "success" as a data-access-result is how some meters say that there is nothing to return.
    GetDataResult returned;
    const std::uint8_t choice = in.u8();
    if (choice == 0) {
        returned.data = in.data();
    } else if (choice == 1) {
        take(in, returned.result);
    } else {
        in.refuse(ApduError::unknown_choice);
    }
    item.returned = returned;
}

void take_block_sa(ApduReader& in, DataBlock& item) {
    item.last = in.boolean();
    item.number = in.u32();
    item.result = DataAccessResult::success;
    item.raw_data = in.octet_string();
}

void take_block_g(ApduReader& in, DataBlock& item) {
    item = {};
    item.last = in.boolean();
    item.number = in.u32();
    const std::uint8_t choice = in.u8();
    if (choice == 0) {
        item.raw_data = in.octet_string();
    } else if (choice == 1) {
        take(in, item.result);
        if (item.result == DataAccessResult::success) in.refuse(ApduError::malformed);
    } else {
        in.refuse(ApduError::unknown_choice);
    }
}

void put(ByteWriter& out, const AttributeDescriptor& item) {
    out.u16(item.class_id);
    out.put(item.instance.view());
    out.u8(static_cast<std::uint8_t>(item.attribute));
}

void put(ByteWriter& out, const MethodDescriptor& item) {
    out.u16(item.class_id);
    out.put(item.instance.view());
    out.u8(static_cast<std::uint8_t>(item.method));
}

void put(ByteWriter& out, const AttributeRequest& item) {
    put(out, item.attribute);
    out.u8(item.selection ? 1 : 0);
    if (!item.selection) return;
    out.u8(item.selection->selector);
    out.put(item.selection->parameters);
}

void put(ByteWriter& out, const EncodedData& item) { out.put(item.octets); }

void put(ByteWriter& out, const DataAccessResult& item) { out.u8(static_cast<std::uint8_t>(item)); }

void put(ByteWriter& out, const GetDataResult& item) {
    if (item.result == DataAccessResult::success) {
        out.u8(0);
        out.put(item.data);
    } else {
        out.u8(1);
        put(out, item.result);
    }
}

void put(ByteWriter& out, const ActionOutcome& item) {
    out.u8(static_cast<std::uint8_t>(item.result));
    out.u8(item.returned ? 1 : 0);
    if (!item.returned) return;
    if (item.returned->result == DataAccessResult::success && item.returned->data.empty()) {
        out.u16(0x0100);
    } else {
        put(out, *item.returned);
    }
}

void put_block_sa_head(ByteWriter& out, bool last, std::uint32_t number, std::size_t raw_length) {
    out.u8(last ? 1 : 0);
    out.u32(number);
    put_length(out, raw_length);
}

void put_block_g_head(ByteWriter& out, bool last, std::uint32_t number, std::size_t raw_length) {
    out.u8(last ? 1 : 0);
    out.u32(number);
    out.u8(0);
    put_length(out, raw_length);
}

void put_block_sa(ByteWriter& out, const DataBlock& item) {
    put_block_sa_head(out, item.last, item.number, item.raw_data.size());
    out.put(item.raw_data);
}

void put_block_g(ByteWriter& out, const DataBlock& item) {
    if (item.result == DataAccessResult::success) {
        put_block_g_head(out, item.last, item.number, item.raw_data.size());
        out.put(item.raw_data);
        return;
    }
    out.u8(item.last ? 1 : 0);
    out.u32(item.number);
    out.u8(1);
    put(out, item.result);
}

}  // namespace ferraris::dlms
