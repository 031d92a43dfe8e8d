package maskfeat.network;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import maskfeat.augment.Resize;
import maskfeat.disk.AtomicFile;
import maskfeat.disk.Content;
import maskfeat.foreign.Layout;
import maskfeat.foreign.UnfitWeights;
import maskfeat.model.Backbone;
import maskfeat.model.Classifier;
import maskfeat.model.Vit;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * What stands beside the weights in a folder of transformers: the network, how pictures are prepared, and a model card.
 *
 * @param layout one of transformers'
 * @param left our tensors that it has no place for, each with the reason
 */
record TransformersFolder(Path folder, OpenedWeights weights, Layout layout, SortedMap<String, String> left) {
    private static final String CONFIG = "config.json";
    private static final String PROCESSOR = "preprocessor_config.json";
    private static final List<Resize.Filter> PILLOW = List.of( // by Pillow's numbers, from 1
            Resize.Filter.LANCZOS,
            Resize.Filter.BILINEAR,
            Resize.Filter.BICUBIC,
            Resize.Filter.BOX,
            Resize.Filter.HAMMING);

    /** All files of a folder with weights in a file. */
    static List<Path> written(Path file, Path folder) {
        return List.of(file, folder.resolve(CONFIG), folder.resolve(PROCESSOR), folder.resolve(ModelCard.FILE));
    }

    /**
     * Writes them.
     *
     * @param notes on the weights, those of the file that was read first; gets more
     * @param made how they came to be: what and its value, in words
     */
    List<Path> write(List<String> notes, Map<String, String> made) throws IOException {
        Input input = weights.spec().input();
        boolean video = layout == Layout.HF_VIDEOMAE;
        if (input.resize() == Resize.Filter.OPENCV) {
            notes.add("transformers has no resizing as OpenCV's; " + PROCESSOR
                    + " says bilinear, which is antialiased where OpenCV's is not");
        }
        List<Path> files = new ArrayList<>(video ? describeVideo() : describe());
        boolean stretched = input.framing().stretch() && input.shortSide() == input.side();
        if (!video && !stretched) {
            notes.add("transformers resizes whole pictures to the square; here they are prepared another way: "
                    + input.describe());
        }
        ModelCard card = new ModelCard(
                folder.toAbsolutePath().normalize().getFileName().toString(),
                weights.spec(),
                classes(),
                video,
                made,
                notes.subList(weights.notes().size(), notes.size()), // those of the file name it
                left);
        AtomicFile.writeText(folder.resolve(ModelCard.FILE), card.text());
        files.add(folder.resolve(ModelCard.FILE));
        return files;
    }

    /** The two files that transformers' {@code from_pretrained} reads beside the weights. */
    private List<Path> describe() throws IOException {
        Backbone.Config model = weights.spec().backbone();
        if (!(model instanceof Vit.Config vit)) {
            throw new UnfitWeights(
                    weights.file(), "is of a network that transformers does not have: " + model.describe());
        }
        Input input = weights.spec().input();
        List<String> classes = classes();
        Map<String, Object> config = new LinkedHashMap<>();
        config.put("architectures", List.of(classes.isEmpty() ? "ViTModel" : "ViTForImageClassification"));
        config.put("model_type", "vit");
        encoder(config, vit, input);
        config.put("qkv_bias", true);
        label(config, classes);
        Map<String, Object> processor = new LinkedHashMap<>();
        processor.put("image_processor_type", "ViTImageProcessor");
        processor.put("size", square(input));
        colours(processor, input);
        return List.of(json(folder.resolve(CONFIG), config), json(folder.resolve(PROCESSOR), processor));
    }

    /** The same for VideoMAE's networks. */
    private List<Path> describeVideo() throws IOException {
        Vit.Config vit = (Vit.Config) weights.spec().backbone();
        Input input = weights.spec().input();
        List<String> classes = classes();
        boolean first = !classes.isEmpty() && weights.classes().pooling() == Classifier.Pooling.FIRST_PATCH;
        Map<String, Object> config = new LinkedHashMap<>();
        config.put("architectures", List.of(classes.isEmpty() ? "VideoMAEModel" : "VideoMAEForVideoClassification"));
        config.put("model_type", "videomae");
        encoder(config, vit, input);
        config.put("num_frames", input.clip().frames());
        config.put("tubelet_size", vit.cubeFrames());
        config.put("qkv_bias", true);
        config.put("use_mean_pooling", !first);
        label(config, classes);
        Map<String, Object> processor = new LinkedHashMap<>();
        processor.put("image_processor_type", "VideoMAEImageProcessor");
        processor.put("size", Map.of("shortest_edge", input.shortSide()));
        processor.put("do_center_crop", true);
        processor.put("crop_size", square(input));
        colours(processor, input);
        return List.of(json(folder.resolve(CONFIG), config), json(folder.resolve(PROCESSOR), processor));
    }

    /** None where the classifier is left out, so that it is not promised. */
    private List<String> classes() throws IOException {
        return weights.isClassifier() && !left.containsKey("head.projection.weight")
                ? weights.classes().names()
                : List.of();
    }

    private static void encoder(Map<String, Object> config, Vit.Config vit, Input input) {
        config.put("hidden_size", vit.dim());
        config.put("num_hidden_layers", vit.depth());
        config.put("num_attention_heads", vit.heads());
        config.put("intermediate_size", vit.hiddenDim());
        config.put("hidden_act", "gelu");
        config.put("hidden_dropout_prob", 0.0);
        config.put("attention_probs_dropout_prob", 0.0);
        config.put("layer_norm_eps", vit.normEpsilon());
        config.put("image_size", input.side());
        config.put("patch_size", vit.patch());
        config.put("num_channels", 3);
    }

    private static void label(Map<String, Object> config, List<String> classes) {
        if (classes.isEmpty()) {
            return;
        }
        Map<String, String> labels = new LinkedHashMap<>();
        Map<String, Integer> numbers = new LinkedHashMap<>();
        for (int i = 0; i < classes.size(); i++) {
            labels.put(Integer.toString(i), classes.get(i));
            numbers.put(classes.get(i), i);
        }
        config.put("id2label", labels);
        config.put("label2id", numbers);
    }

    private static void colours(Map<String, Object> processor, Input input) {
        processor.put("do_resize", true);
        // OpenCV's has no number there; Pillow's linear is the nearest.
        processor.put(
                "resample",
                PILLOW.indexOf(input.resize() == Resize.Filter.OPENCV ? Resize.Filter.BILINEAR : input.resize()) + 1);
        processor.put("do_rescale", true);
        processor.put("rescale_factor", 1 / 255.0);
        processor.put("do_normalize", true);
        processor.put("image_mean", input.normalize().mean());
        processor.put("image_std", input.normalize().std());
    }

    /** In an order: the same weights give the same bytes. */
    private static Map<String, Integer> square(Input input) {
        Map<String, Integer> size = new LinkedHashMap<>();
        size.put("height", input.side());
        size.put("width", input.side());
        return size;
    }

    private static Path json(Path file, Map<String, Object> content) throws IOException {
        String text = JsonMapper.builder()
                .enable(SerializationFeature.INDENT_OUTPUT)
                .build()
                .writeValueAsString(content);
        AtomicFile.write(file, Content.of((text + "\n").getBytes(StandardCharsets.UTF_8)));
        return file;
    }
}
