package maskfeat.foreign;

import java.util.List;
import java.util.Optional;
import maskfeat.foreign.Preprocessing.Filter;
import maskfeat.foreign.Preprocessing.Middle;
import tools.jackson.databind.JsonNode;

/** How transformers and timm prepare pictures, as their files say it. */
final class PreprocessorConfig {
    private static final List<Double> IMAGENET_MEAN = List.of(0.485, 0.456, 0.406);
    private static final List<Double> IMAGENET_STD = List.of(0.229, 0.224, 0.225);
    private static final double BYTES = 1 / 255.0; // what colours are multiplied by
    private static final int CONVNEXT_WHOLE = 384; // from here on ConvNeXT's pictures are not cropped

    private final String where;
    private final JsonNode root;
    private final Claims claims;

    /**
     * Reads an object.
     *
     * @param where it is written, for messages
     */
    PreprocessorConfig(String where, JsonNode root, Claims claims) {
        this.where = where;
        this.root = root;
        this.claims = claims;
    }

    /** What transformers' {@code preprocessor_config.json} says. */
    void transformers() {
        colours();
        if (!root.path("do_resize").asBoolean(true)) {
            claims.note(where + " does not resize pictures; here they are brought to the network's size");
            return;
        }
        JsonNode size = root.path("size");
        boolean crops = root.path("do_center_crop").asBoolean(false);
        int cropped = crops ? square(root.path("crop_size")) : 0;
        int shortest = number(size.path("shortest_edge"));
        int whole = size.isIntegralNumber() && !keepsShape() ? number(size) : square(size);
        if (shortest == 0 && size.isIntegralNumber() && keepsShape()) {
            shortest = number(size);
        }
        Optional<Filter> filter = filterByNumber(root.path("resample"));
        if (size.isMissingNode() || (crops && cropped == 0) || (shortest == 0 && whole == 0)) {
            if (!size.isMissingNode()) {
                claims.refuse("lies beside a " + where + " with size " + size
                        + (crops ? " and crop_size " + root.path("crop_size") : "")
                        + "; pictures are brought to a square here");
            }
            return;
        }
        if (filter.isEmpty()) {
            claims.refuse(
                    "lies beside a " + where + " with resample " + root.path("resample")
                            + ", which takes the nearest pixel; known here are 1 to 5: lanczos, bilinear, bicubic, box, hamming");
            return;
        }
        if (type().startsWith("ConvNext") && shortest > 0) {
            double share = root.path("crop_pct").asDouble(224.0 / 256);
            boolean crop = shortest < CONVNEXT_WHOLE;
            prepare(crop ? (int) (shortest / share) : shortest, shortest, filter.get(), !crop);
        } else if (shortest > 0) {
            prepare(shortest, crops ? cropped : 0, filter.get(), false);
        } else {
            prepare(whole, crops ? cropped : whole, filter.get(), true);
        }
    }

    private void prepare(int resized, int side, Filter filter, boolean stretch) {
        if (side > resized) {
            claims.refuse("lies beside a " + where + " that crops " + side + " px out of pictures of " + resized
                    + " px, with an edge of black; here pictures have no edge");
        } else if (side == 0) {
            claims.refuse("lies beside a " + where + " that resizes the shorter side to " + resized
                    + " px and crops nothing; pictures are squares here");
        } else {
            claims.preprocessing(new Preprocessing(resized, side, filter, stretch, Middle.DOWN, where));
        }
    }

    private String type() {
        return root.path("image_processor_type")
                .asString(root.path("feature_extractor_type").asString(""));
    }

    /** Of a size that is one number, older files do not say whether it is the shorter side or both. */
    private boolean keepsShape() {
        return List.of("CLIP", "ChineseCLIP", "Bit", "VideoMAE", "ConvNext", "Levit").stream()
                .anyMatch(type()::startsWith);
    }

    /** Mean and deviation of colours from 0 to 1. */
    private void colours() {
        List<Double> mean = ConfigBeside.doubles(root.path("image_mean"));
        List<Double> std = ConfigBeside.doubles(root.path("image_std"));
        if (!root.path("do_normalize").asBoolean(true)) {
            mean = List.of(0.0, 0.0, 0.0);
            std = List.of(1.0, 1.0, 1.0);
        }
        double factor = root.path("do_rescale").asBoolean(true)
                ? root.path("rescale_factor").asDouble(BYTES)
                : 1;
        if (Math.abs(factor - BYTES) > 1e-9) {
            double scale = BYTES / factor;
            mean = mean.stream().map(x -> x * scale).toList();
            std = std.stream().map(x -> x * scale).toList();
        }
        claims.colours(mean, std);
    }

    /** Pillow's numbers; bilinear where none is given. */
    private static Optional<Filter> filterByNumber(JsonNode number) {
        return switch (number.asInt(2)) {
            case 1 -> Optional.of(Filter.LANCZOS);
            case 2 -> Optional.of(Filter.BILINEAR);
            case 3 -> Optional.of(Filter.BICUBIC);
            case 4 -> Optional.of(Filter.BOX);
            case 5 -> Optional.of(Filter.HAMMING);
            default -> Optional.empty();
        };
    }

    private static int square(JsonNode size) {
        if (size.isIntegralNumber()) {
            return number(size);
        }
        int height = number(size.path("height"));
        return height == number(size.path("width")) ? height : 0;
    }

    private static int number(JsonNode value) {
        return value.isIntegralNumber() && value.canConvertToInt() ? Math.max(0, value.intValue()) : 0;
    }

    /** What timm's {@code pretrained_cfg} says; what it leaves out is as timm has it. */
    void timm() {
        if (!root.isObject()) {
            return;
        }
        List<Double> mean = ConfigBeside.doubles(root.path("mean"));
        List<Double> std = ConfigBeside.doubles(root.path("std"));
        claims.colours(mean.isEmpty() ? IMAGENET_MEAN : mean, std.isEmpty() ? IMAGENET_STD : std);
        JsonNode size = root.path("input_size");
        int side = size.size() == 3 && size.path(1).equals(size.path(2)) ? number(size.path(1)) : 0;
        if (side == 0) {
            return;
        }
        double share = root.path("crop_pct").asDouble(0.875);
        String mode = root.path("crop_mode").asString("center");
        String filter = root.path("interpolation").asString("bicubic");
        Optional<Filter> known = List.of(Filter.values()).stream()
                .filter(one -> one.name().equalsIgnoreCase(filter))
                .findFirst();
        int resized = (int) Math.floor(side / share);
        if (known.isEmpty() || !(mode.equals("center") || mode.equals("squash")) || resized < side) {
            claims.refuse("lies beside a " + where + " with interpolation " + filter + ", crop_mode " + mode
                    + " and crop_pct " + share
                    + "; known here are bilinear, bicubic, lanczos, box and hamming, the modes"
                    + " center and squash, and shares to 1");
            return;
        }
        claims.preprocessing(new Preprocessing(resized, side, known.get(), mode.equals("squash"), Middle.EVEN, where));
    }
}
