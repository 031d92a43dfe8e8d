package maskfeat.serve;

import java.util.Map;

/** A request is not answered as asked. The message says why, and what would do. */
final class Refusal extends Exception {
    static final int BAD_REQUEST = 400;
    static final int NOT_FOUND = 404;
    static final int METHOD = 405;
    static final int TOO_LARGE = 413;
    static final int TOO_MANY = 429;
    static final int FAILED = 500;
    static final int UNAVAILABLE = 503;
    static final int TOO_SLOW = 504;

    private static final long serialVersionUID = 1;

    private final int status;
    private final transient Map<String, String> headers;

    Refusal(int status, String message) {
        this(status, message, Map.of());
    }

    /** @param headers of the answer, besides the usual */
    Refusal(int status, String message, Map<String, String> headers) {
        super(message);
        this.status = status;
        this.headers = headers;
    }

    int status() {
        return status;
    }

    Map<String, String> headers() {
        return headers;
    }
}
