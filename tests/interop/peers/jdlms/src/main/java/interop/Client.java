package interop;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.openmuc.jdlms.AccessResultCode;
import org.openmuc.jdlms.AttributeAddress;
import org.openmuc.jdlms.AuthenticationMechanism;
import org.openmuc.jdlms.DlmsConnection;
import org.openmuc.jdlms.GetResult;
import org.openmuc.jdlms.MethodParameter;
import org.openmuc.jdlms.MethodResult;
import org.openmuc.jdlms.MethodResultCode;
import org.openmuc.jdlms.ObisCode;
import org.openmuc.jdlms.SecuritySuite;
import org.openmuc.jdlms.SecuritySuite.EncryptionMechanism;
import org.openmuc.jdlms.SecuritySuite.SecurityPolicy;
import org.openmuc.jdlms.SelectiveAccessDescription;
import org.openmuc.jdlms.SetParameter;
import org.openmuc.jdlms.TcpConnectionBuilder;
import org.openmuc.jdlms.datatypes.DataObject;

/** A DLMS client made of jDLMS: one job as a line of JSON in, its outcome as a line of JSON out (see jobs.py). */
public final class Client {
    private static final String CLOCK = "0.0.1.0.0.255";
    private static final int CLASS_CLOCK = 8;
    private static final int CLASS_PROFILE = 7;

    private final DlmsConnection connection;
    /** The peer keeps its invocation counter to itself; this one follows what it sends: one a request, one for the AARQ. */
    private long counter;
    private final boolean ciphered;

    private Client(JsonObject job) throws IOException {
        ciphered = !job.get("security").getAsString().equals("none");
        counter = job.has("counter") ? job.get("counter").getAsLong() : 0;
        TcpConnectionBuilder builder = new TcpConnectionBuilder(job.get("host").getAsString());
        builder.setPort(job.get("port").getAsInt())
                .setClientId(job.get("client").getAsInt())
                .setLogicalDeviceId(job.get("server").getAsInt())
                .setSecuritySuite(suite(job))
                .setResponseTimeout(job.has("timeout") ? job.get("timeout").getAsInt() * 1000 : 10000)
                .setChallengeLength(16);
        String transport = job.get("transport").getAsString();
        if (transport.equals("hdlc")) {
            builder.useHdlc().setPhysicalDeviceAddress(job.get("physical").getAsInt());
        }
        if (transport.equals("udp")) {
            builder.setTranportProtocol(TcpConnectionBuilder.InetTransportProtocol.UDP);
        }
        if (job.has("title")) {
            byte[] title = Values.octets(job.get("title").getAsString());
            long device = ByteBuffer.wrap(title).getLong() & 0xFFFFFFFFFFL;
            builder.setSystemTitle(new String(title, 0, 3, StandardCharsets.US_ASCII), device);
        }
        if (ciphered) {
            builder.setFrameCounter(counter);
        }
        connection = builder.build();
        if (ciphered) {
            counter += job.get("authentication").getAsString().equals("gmac") ? 2 : 1;
        }
    }

    private static SecuritySuite suite(JsonObject job) {
        SecuritySuite.SecuritySuiteBuilder builder = SecuritySuite.builder();
        String authentication = job.get("authentication").getAsString();
        String security = job.get("security").getAsString();
        if (authentication.equals("low")) {
            builder.setAuthenticationMechanism(AuthenticationMechanism.LOW)
                    .setPassword(Values.octets(job.get("password").getAsString()));
        }
        if (authentication.equals("gmac")) {
            builder.setAuthenticationMechanism(AuthenticationMechanism.HLS5_GMAC);
        }
        if (!security.equals("none") || authentication.equals("gmac")) {
            builder.setEncryptionMechanism(EncryptionMechanism.AES_GCM_128)
                    .setGlobalUnicastEncryptionKey(Values.octets(job.get("encryption_key").getAsString()))
                    .setAuthenticationKey(Values.octets(job.get("authentication_key").getAsString()));
        }
        if (security.equals("encryption")) {
            builder.setSecurityPolicy(SecurityPolicy.ENCRYPTED);
        }
        if (security.equals("authentication-encryption")) {
            builder.setSecurityPolicy(SecurityPolicy.AUTHENTICATED_AND_ENCRYPTED);
        }
        return builder.build();
    }

    private void count() {
        if (ciphered) {
            ++counter;
        }
    }

    private static DataObject checked(GetResult result) throws IOException {
        if (result.getResultCode() != AccessResultCode.SUCCESS) {
            throw new IOException("data-access-result " + result.getResultCode());
        }
        return result.getResultData();
    }

    private DataObject get(AttributeAddress address) throws IOException {
        count();
        return checked(connection.get(address));
    }

    private DataObject get(int classId, String obis, int attribute) throws IOException {
        return get(new AttributeAddress(classId, new ObisCode(obis), attribute));
    }

    private void set(int classId, String obis, int attribute, DataObject value) throws IOException {
        count();
        AccessResultCode code = connection.set(
                new SetParameter(new AttributeAddress(classId, new ObisCode(obis), attribute), value));
        if (code != AccessResultCode.SUCCESS) {
            throw new IOException("data-access-result " + code);
        }
    }

    private JsonElement list(JsonObject step) throws IOException {
        List<AttributeAddress> addresses = new ArrayList<>();
        for (JsonElement element : step.getAsJsonArray("attributes")) {
            JsonArray address = element.getAsJsonArray();
            addresses.add(new AttributeAddress(address.get(0).getAsInt(), new ObisCode(address.get(1).getAsString()),
                    address.get(2).getAsInt()));
        }
        count();
        JsonArray values = new JsonArray();
        for (GetResult result : connection.get(addresses)) {
            values.add(Values.plain(checked(result)));
        }
        return values;
    }

    private JsonElement view() throws IOException {
        JsonArray objects = new JsonArray();
        List<DataObject> rows = get(15, "0.0.40.0.0.255", 2).getValue();
        for (DataObject row : rows) {
            List<DataObject> fields = row.getValue();
            JsonArray object = new JsonArray();
            object.add(Values.plain(fields.get(0)));
            object.add(Values.plain(fields.get(1)));
            object.add(new ObisCode(fields.get(2).<byte[]>getValue()).asDecimalString());
            objects.add(object);
        }
        return objects;
    }

    private JsonElement register(String obis) throws IOException {
        List<DataObject> scalerUnit = get(3, obis, 3).getValue();
        Number scaler = scalerUnit.get(0).getValue();
        Number value = get(3, obis, 2).getValue();
        JsonObject outcome = new JsonObject();
        outcome.addProperty("value", value.doubleValue() * Math.pow(10, scaler.intValue()));
        outcome.add("unit", Values.plain(scalerUnit.get(1)));
        return outcome;
    }

    private JsonElement clock() throws IOException {
        byte[] octets = get(CLASS_CLOCK, CLOCK, 2).getValue();
        JsonObject outcome = new JsonObject();
        outcome.addProperty("time", Values.seconds(octets));
        outcome.addProperty("status", octets[11] & 0xFF);
        return outcome;
    }

    private static DataObject range(long from, long to) {
        DataObject restricting = DataObject.newStructureData(DataObject.newUInteger16Data(CLASS_CLOCK),
                DataObject.newOctetStringData(new ObisCode(CLOCK).bytes()), DataObject.newInteger8Data((byte) 2),
                DataObject.newUInteger16Data(0));
        return DataObject.newStructureData(restricting,
                DataObject.newOctetStringData(Values.time(from).encode()),
                DataObject.newOctetStringData(Values.time(to).encode()), DataObject.newArrayData(List.of()));
    }

    private static DataObject entries(long from, long to) {
        return DataObject.newStructureData(DataObject.newUInteger32Data(from), DataObject.newUInteger32Data(to),
                DataObject.newUInteger16Data(1), DataObject.newUInteger16Data(0));
    }

    private JsonElement profile(String obis, SelectiveAccessDescription selection) throws IOException {
        JsonObject outcome = new JsonObject();
        JsonArray columns = new JsonArray();
        List<DataObject> captured = get(CLASS_PROFILE, obis, 3).getValue();
        List<Boolean> isTime = new ArrayList<>();
        for (DataObject object : captured) {
            List<DataObject> fields = object.getValue();
            JsonArray column = new JsonArray();
            column.add(Values.plain(fields.get(0)));
            column.add(new ObisCode(fields.get(1).<byte[]>getValue()).asDecimalString());
            column.add(Values.plain(fields.get(2)));
            columns.add(column);
            isTime.add(fields.get(0).<Number>getValue().intValue() == CLASS_CLOCK);
        }
        Number period = get(CLASS_PROFILE, obis, 4).getValue();
        JsonArray rows = new JsonArray();
        List<DataObject> buffer = get(new AttributeAddress(CLASS_PROFILE, new ObisCode(obis), 2, selection)).getValue();
        long last = 0;
        for (DataObject entry : buffer) {
            List<DataObject> fields = entry.getValue();
            JsonArray row = new JsonArray();
            for (int column = 0; column < fields.size(); ++column) {
                if (!isTime.get(column)) {
                    row.add(Values.plain(fields.get(column)));
                    continue;
                }
                // A null time stamp stands for the previous one and the period (Blue Book, Profile generic).
                last = fields.get(column).isNull() ? last + period.longValue()
                        : Values.seconds(fields.get(column).getValue());
                JsonObject time = new JsonObject();
                time.addProperty("time", last);
                row.add(time);
            }
            rows.add(row);
        }
        outcome.add("columns", columns);
        outcome.add("period", new JsonPrimitive(period));
        outcome.add("rows", rows);
        return outcome;
    }

    private JsonElement action(JsonObject step) throws IOException {
        count();
        MethodResult result = connection.action(new MethodParameter(step.get("class").getAsInt(),
                new ObisCode(step.get("obis").getAsString()), step.get("method").getAsInt(),
                Values.typed(step.get("type").getAsString(), step.get("value"))));
        if (result.getResultCode() != MethodResultCode.SUCCESS) {
            throw new IOException("action-result " + result.getResultCode());
        }
        return Values.plain(result.getResultData());
    }

    private JsonElement perform(JsonObject step) throws IOException {
        switch (step.get("do").getAsString()) {
        case "get":
            return Values.plain(get(step.get("class").getAsInt(), step.get("obis").getAsString(),
                    step.get("attribute").getAsInt()));
        case "get_list":
            return list(step);
        case "view":
            return view();
        case "register":
            return register(step.get("obis").getAsString());
        case "clock":
            return clock();
        case "set_clock":
            set(CLASS_CLOCK, CLOCK, 2,
                    DataObject.newOctetStringData(Values.time(step.get("time").getAsLong()).encode()));
            return JsonNull.INSTANCE;
        case "range":
            return profile(step.get("obis").getAsString(), new SelectiveAccessDescription(1,
                    range(step.get("from").getAsLong(), step.get("to").getAsLong())));
        case "entries":
            return profile(step.get("obis").getAsString(), new SelectiveAccessDescription(2,
                    entries(step.get("from").getAsLong(), step.get("to").getAsLong())));
        case "set":
            set(step.get("class").getAsInt(), step.get("obis").getAsString(), step.get("attribute").getAsInt(),
                    Values.typed(step.get("type").getAsString(), step.get("value")));
            return JsonNull.INSTANCE;
        case "action":
            return action(step);
        default:
            throw new IllegalArgumentException("no such step: " + step);
        }
    }

    private static String brief(Throwable error) {
        Throwable root = error;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        String text = error + (root == error ? "" : " (" + root + ")");
        return text.replace('\n', ' ');
    }

    private static JsonObject run(JsonObject job) {
        JsonObject outcome = new JsonObject();
        JsonArray results = new JsonArray();
        outcome.addProperty("associated", false);
        outcome.add("results", results);
        Client client = null;
        try {
            client = new Client(job);
            outcome.addProperty("associated", true);
            int repeat = job.has("repeat") ? job.get("repeat").getAsInt() : 1;
            for (int round = 0; round < repeat; ++round) {
                for (JsonElement step : job.getAsJsonArray("steps")) {
                    JsonObject result = new JsonObject();
                    try {
                        result.add("value", client.perform(step.getAsJsonObject()));
                        result.addProperty("ok", true);
                    } catch (IOException | RuntimeException error) {
                        result.addProperty("ok", false);
                        result.addProperty("error", brief(error));
                        result.addProperty("trace", Arrays.toString(error.getStackTrace()));
                    }
                    results.add(result);
                }
            }
            client.connection.disconnect();
            outcome.addProperty("released", true);
        } catch (IOException | RuntimeException error) {
            outcome.addProperty("error", brief(error));
            outcome.addProperty("trace", Arrays.toString(error.getStackTrace()));
        } finally {
            if (client != null) {
                client.count();  // for the release request
                outcome.addProperty("counter", client.counter);
                try {
                    client.connection.close();
                } catch (IOException alreadyClosed) {
                    outcome.addProperty("closed", brief(alreadyClosed));
                }
            }
        }
        return outcome;
    }

    public static void main(String[] arguments) throws IOException {
        BufferedReader jobs = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = jobs.readLine(); line != null; line = jobs.readLine()) {
            System.out.println(run(JsonParser.parseString(line).getAsJsonObject()));
            System.out.flush();
        }
        System.exit(0);  // the peer leaves threads behind
    }
}
