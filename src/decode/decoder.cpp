#include "decode/decoder.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "dlms/hdlc/frame.hpp"

namespace ferraris::decode {
namespace {

Item new_item(ByteView octets, const std::string& name, std::uint64_t start, const std::string& time) {
    Item item;
    item.time = time;
    item.buffers.push_back({name, start, Octets(octets.begin(), octets.end())});
    return item;
}

bool has_llc(ByteView octets) {
    return octets.size() > 3 && octets[0] == 0xE6 && (octets[1] == 0xE6 || octets[1] == 0xE7) && octets[2] == 0;
}

bool is_object_identifier(ByteView octets) {
    constexpr std::uint8_t kArcs[] = {0x60, 0x85, 0x74, 0x05, 0x08};
    return octets.size() == 7 && equal(octets.first(5), kArcs);
}

/// What octets without a frame can be.
enum class Bare : std::uint8_t { frame_without_flags, link_parameters, llc, apdu, data, raw_data };

/// Explains `item`'s only buffer as such; the conversation is `link`'s own.
void explain_bare(Bare what, const Toolbox& tools, Link& link, Item& item) {
    if (what == Bare::frame_without_flags) {
        explain_hdlc(tools, link, item);
        return;
    }
    Context context{item, link.between(0, 0), tools.keys, tools.crypto};
    Walker in(item.buffers[0].octets, 0);
    Node node = in.open("message");
    switch (what) {
        case Bare::link_parameters:
            node.name = "HDLC link parameters";
            explain_link_parameters(in, node);
            break;
        case Bare::llc:
            node.name = "LLC";
            (void)in.field(node, "LLC header", 3);
            say(in, node, item.buffers[0].octets[1] == 0xE6 ? "from a client" : "from a server");
            explain_payload(context, in, node);
            break;
        case Bare::data:
            node.name = "Data";
            explain_data(in, node);
            break;
        case Bare::raw_data:
            node.name = "Data";
            explain_data(in, node, DataForm::raw_descriptors);
            break;
        default:
            break;
    }
    if (what == Bare::apdu) {
        Node parent;
        explain_apdu(context, in, parent);
        node = std::move(parent.children.front());
    } else {
        in.finish(node, "octets behind the message");
        node.length = 0;
        in.close(node);
    }
    item.node = std::move(node);
}

bool possible(Bare what, ByteView octets) {
    switch (what) {
        case Bare::frame_without_flags:
            return (octets[0] & 0xF0U) == 0xA0 && dlms::hdlc::decode_frame(octets).has_value();
        case Bare::link_parameters:
            return octets.size() > 3 && octets[0] == 0x81 && octets[1] == 0x80;
        case Bare::llc:
            return has_llc(octets) && is_apdu_tag(octets[3]);
        case Bare::apdu:
            return is_apdu_tag(octets[0]);
        default:
            return true;
    }
}

/// Trials must not change what is known of the conversation.
bool explains_fully(Bare what, const Toolbox& tools, const Link& link, ByteView octets) {
    Link copy = link;
    Item item = new_item(octets, {}, 0, {});
    explain_bare(what, tools, copy, item);
    return worst(item.node) < Verdict::wrong || (worst(item.node) == Verdict::incomplete);
}

/// The octets are frames from end to end.
bool all_frames(ByteView octets) {
    while (!octets.empty()) {
        const Recognised found = recognise(octets, false);
        if (found.kind == FrameKind::none || found.damaged || found.length > octets.size()) return false;
        octets = octets.subspan(found.length);
    }
    return true;
}

}  // namespace

void Scanner::push(ByteView octets, const std::string& time) {
    pending_.insert(pending_.end(), octets.begin(), octets.end());
    time_ = time;
    scan(false);
}

void Scanner::gap(std::uint64_t octets) {
    finish();
    start_ += octets;
    out_of_step_ = true;
}

void Scanner::finish() {
    scan(true);
    position_ = pending_.size();
    flush_noise();
    start_ += pending_.size();
    pending_.clear();
    begin_ = position_ = 0;
    out_of_step_ = false;
}

void Scanner::scan(bool at_end) {
    while (position_ < pending_.size()) {
        const ByteView rest = ByteView(pending_).subspan(position_);
        Recognised found = recognise(rest, out_of_step_);
        if (found.more) {
            if (!at_end) break;
            // Only an HDLC frame whose closing flag alone is missing is whole. Of others it takes some octets, at a
            // place where they have to begin, to believe in them.
            constexpr std::size_t kConvincing = 3;
            const bool whole = found.length <= rest.size();
            if (!whole && (out_of_step_ || rest.size() < kConvincing)) found.kind = FrameKind::none;
            found.length = std::min(found.length, rest.size());
        }
        if (found.kind == FrameKind::none) {
            ++position_;
            out_of_step_ = true;
            // Noise does not pile up in memory.
            constexpr std::size_t kMostNoise = 1U << 16U;
            if (position_ - begin_ >= kMostNoise) flush_noise();
            continue;
        }
        flush_noise();
        if (found.kind == FrameKind::hdlc_flag) {
            begin_ = ++position_;
            continue;
        }
        emit(found.kind, found.length);
        out_of_step_ = false;
    }
    pending_.erase(pending_.begin(), pending_.begin() + static_cast<std::ptrdiff_t>(begin_));
    start_ += begin_;
    position_ -= begin_;
    begin_ = 0;
}

void Scanner::emit(FrameKind kind, std::size_t length) {
    Item item = new_item(ByteView(pending_).subspan(position_, length), name_, start_ + position_, time_);
    explain_frame(kind, tools_, link_, item);
    ++frames_;
    position_ += length;
    begin_ = position_;
    sink_(std::move(item));
}

void Scanner::flush_noise() {
    const std::size_t count = position_ - begin_;
    if (count == 0) return;
    noise_octets_ += count;
    if (!drop_noise_) {
        Item item = new_item(ByteView(pending_).subspan(begin_, count), name_, start_ + begin_, time_);
        item.node.name = "not recognised";
        item.node.length = static_cast<std::uint32_t>(count);
        item.node.verdict = Verdict::unexplained;
        item.node.meaning = "no frame and no message that is known here";
        sink_(std::move(item));
    }
    begin_ = position_;
}

bool explain_message(const Toolbox& tools, Link& link, ByteView octets, const std::string& name, std::uint64_t start,
                     const std::string& time, bool strict, const Sink& sink) {
    if (octets.empty()) return false;
    const auto scan = [&] {
        const Sink shifted = [&](Item&& item) {
            item.buffers[0].start += start;
            sink(std::move(item));
        };
        Scanner scanner(tools, link, name, shifted);
        scanner.push(octets, time);
        scanner.finish();
    };
    const auto bare = [&](Bare what) {
        Item item = new_item(octets, name, start, time);
        explain_bare(what, tools, link, item);
        sink(std::move(item));
    };
    if (all_frames(octets)) {
        scan();
        return true;
    }
    constexpr Bare kFramed[] = {Bare::frame_without_flags, Bare::link_parameters, Bare::llc, Bare::apdu};
    for (const Bare what : kFramed) {
        if (!possible(what, octets) || !explains_fully(what, tools, link, octets)) continue;
        bare(what);
        return true;
    }
    std::size_t frames = 0;
    {
        // Is there any frame at all?
        Link copy;
        const Sink count = [](Item&&) {};
        Scanner scanner({tools.keys, nullptr}, copy, name, count);
        scanner.drop_noise();
        scanner.push(octets, time);
        scanner.finish();
        frames = scanner.frames();
    }
    if (strict) {
        if (frames == 0) return false;
        scan();
        return true;
    }
    if (is_object_identifier(octets)) {
        Item item = new_item(octets, name, start, time);
        item.node = explain_object_identifier(octets);
        sink(std::move(item));
        return true;
    }
    for (const Bare what : {Bare::data, Bare::raw_data}) {
        if (!explains_fully(what, tools, link, octets)) continue;
        bare(what);
        return true;
    }
    if (frames != 0) {
        scan();
    } else if (has_llc(octets)) {
        bare(Bare::llc);
    } else if (is_apdu_tag(octets[0])) {
        bare(Bare::apdu);
    } else {
        scan();
        return false;
    }
    return true;
}

}  // namespace ferraris::decode
