package maskfeat.onnx;

import maskfeat.wire.ProtoMessage;

/** An attribute of an operator (onnx.proto, AttributeProto). */
final class Attribute {
    private static final int FLOAT = 1;
    private static final int INT = 2;
    private static final int STRING = 3;
    private static final int INTS = 7;

    private final ProtoMessage message;

    private Attribute(String name, int type, ProtoMessage value) {
        message = value.text(1, name).integer(20, type);
    }

    static Attribute integer(String name, long value) {
        return new Attribute(name, INT, new ProtoMessage().integer(3, value));
    }

    static Attribute real(String name, float value) {
        return new Attribute(name, FLOAT, new ProtoMessage().single(2, value));
    }

    static Attribute text(String name, String value) {
        return new Attribute(name, STRING, new ProtoMessage().text(4, value));
    }

    static Attribute integers(String name, long... values) {
        ProtoMessage message = new ProtoMessage();
        for (long value : values) {
            message.integer(8, value);
        }
        return new Attribute(name, INTS, message);
    }

    ProtoMessage message() {
        return message;
    }
}
