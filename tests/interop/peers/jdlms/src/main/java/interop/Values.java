package interop;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.HexFormat;
import java.util.List;
import org.openmuc.jdlms.datatypes.BitString;
import org.openmuc.jdlms.datatypes.CosemDateFormat.Field;
import org.openmuc.jdlms.datatypes.CosemDateTime;
import org.openmuc.jdlms.datatypes.DataObject;

/** Translates between the peer's types and the common form of values in jobs.py. */
final class Values {
    private static final HexFormat HEX = HexFormat.of();
    private static final int NOT_SPECIFIED = 0x8000;

    private Values() {}

    static byte[] octets(String hex) {
        return HEX.parseHex(hex);
    }

    private static JsonObject one(String name, String value) {
        JsonObject object = new JsonObject();
        object.addProperty(name, value);
        return object;
    }

    static JsonElement plain(DataObject data) {
        if (data == null || data.isNull()) {
            return JsonNull.INSTANCE;
        }
        switch (data.getType()) {
        case ARRAY:
        case STRUCTURE:
            JsonArray list = new JsonArray();
            List<DataObject> elements = data.getValue();
            elements.forEach(element -> list.add(plain(element)));
            return list;
        case OCTET_STRING:
            return one("octets", HEX.formatHex(data.<byte[]>getValue()));
        case VISIBLE_STRING:
        case UTF8_STRING:
            return one("text", new String(data.<byte[]>getValue()));
        case BIT_STRING:
            BitString bits = data.getValue();
            StringBuilder text = new StringBuilder();
            for (int bit = 0; bit < bits.getNumBits(); ++bit) {
                text.append((bits.getBitString()[bit / 8] >> (7 - bit % 8)) & 1);
            }
            return one("bits", text.toString());
        case BOOLEAN:
            return new JsonPrimitive(data.<Boolean>getValue());
        default:
            return new JsonPrimitive(data.<Number>getValue());
        }
    }

    /** Seconds since 1970 of a date-time as the peer decodes it; the deviation is minutes from local time to UTC. */
    static long seconds(byte[] octets) {
        CosemDateTime time = CosemDateTime.decode(octets);
        LocalDateTime local = LocalDateTime.of(time.get(Field.YEAR), time.get(Field.MONTH),
                time.get(Field.DAY_OF_MONTH), time.get(Field.HOUR), time.get(Field.MINUTE), time.get(Field.SECOND));
        int deviation = time.get(Field.DEVIATION);
        boolean none = (deviation & 0xFFFF) == NOT_SPECIFIED;
        return local.toEpochSecond(ZoneOffset.UTC) + (none ? 0 : deviation * 60L);
    }

    static CosemDateTime time(long seconds) {
        LocalDateTime utc = LocalDateTime.ofEpochSecond(seconds, 0, ZoneOffset.UTC);
        return new CosemDateTime(utc.getYear(), utc.getMonthValue(), utc.getDayOfMonth(), 0xFF, utc.getHour(),
                utc.getMinute(), utc.getSecond(), 0, 0);
    }

    static DataObject typed(String type, JsonElement value) {
        switch (type) {
        case "null":
            return DataObject.newNullData();
        case "boolean":
            return DataObject.newBoolData(value.getAsBoolean());
        case "integer":
            return DataObject.newInteger8Data(value.getAsByte());
        case "unsigned":
            return DataObject.newUInteger8Data(value.getAsShort());
        case "long":
            return DataObject.newInteger16Data(value.getAsShort());
        case "long-unsigned":
            return DataObject.newUInteger16Data(value.getAsInt());
        case "double-long":
            return DataObject.newInteger32Data(value.getAsInt());
        case "double-long-unsigned":
            return DataObject.newUInteger32Data(value.getAsLong());
        case "enum":
            return DataObject.newEnumerateData(value.getAsInt());
        case "octet-string":
            return DataObject.newOctetStringData(octets(value.getAsString()));
        default:
            throw new IllegalArgumentException("no such type in this test: " + type);
        }
    }
}
