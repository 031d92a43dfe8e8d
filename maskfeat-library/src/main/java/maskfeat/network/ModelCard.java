package maskfeat.network;

import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import maskfeat.disk.Plural;
import maskfeat.model.Vit;
import tools.jackson.databind.json.JsonMapper;

/**
 * {@code README.md} beside weights for transformers, as its hub shows it: what they are, how they were made, how to use them, and what
 * is missing. Paths of this machine are not in it.
 *
 * @param name of the folder
 * @param spec what network they are of
 * @param classes that the file scores; none of a backbone
 * @param video whether it looks at clips
 * @param made how they came to be: what and its value, in words
 * @param notes what must be known besides, without paths
 * @param left what transformers has no place for, each with the reason
 */
record ModelCard(
        String name,
        NetworkSpec spec,
        List<String> classes,
        boolean video,
        Map<String, String> made,
        List<String> notes,
        SortedMap<String, String> left) {
    static final String FILE = "README.md";

    private static final int MOST_NAMED = 12;

    String text() {
        StringBuilder text = new StringBuilder();
        text.append("---\nlibrary_name: transformers\npipeline_tag: ").append(pipeline());
        text.append("\ntags:\n- maskfeat\n- self-supervised-learning\n- vision-transformer\n---\n\n");
        text.append("# ").append(name).append("\n\n").append(what()).append("\n\n");
        text.append("## How it was made\n\n");
        made.forEach((what, value) ->
                text.append("* ").append(what).append(": ").append(value).append('\n'));
        if (!made.isEmpty() && left.containsKey("head.projection.weight")) {
            text.append("* figures of classes are with the classifier, which is left out here\n");
        }
        text.append(
                "* method: masked feature prediction, [arXiv 2112.09133](https://arxiv.org/abs/2112.09133), where the"
                        + " backbone was pre-trained by maskfeat\n");
        text.append("* pictures: ").append(spec.input().describe()).append("\n\n");
        text.append("## How to use it\n\n```python\n").append(use()).append("```\n\n");
        text.append("## What to know\n\n");
        told().forEach(note -> text.append("* ").append(note).append('\n'));
        left.forEach((tensor, reason) -> text.append("* left out: `")
                .append(tensor)
                .append("`, which ")
                .append(reason)
                .append('\n'));
        text.append(
                "* Before publishing, add: the data it learned from and their licence, the licence of the weights, what it is"
                        + " for, and what it was not tried on.\n");
        return text.toString();
    }

    private String pipeline() {
        if (classes.isEmpty()) {
            return video ? "feature-extraction" : "image-feature-extraction";
        }
        return video ? "video-classification" : "image-classification";
    }

    private String what() {
        String looks = video
                ? "clips of " + spec.input().clip().frames() + " frames of "
                        + spec.input().side() + " px"
                : "images of " + spec.input().side() + " px";
        String backbone = spec.backbone().describe() + ", for " + looks + ". ";
        if (classes.isEmpty()) {
            return backbone + "It gives features; it has no classes.";
        }
        List<String> named = classes.subList(0, Math.min(MOST_NAMED, classes.size()));
        return backbone + "It tells " + Plural.of(classes.size(), "class", "classes") + " apart: "
                + String.join(", ", named) + (named.size() < classes.size() ? ", ..." : "") + ".";
    }

    private String use() {
        String processor = video ? "VideoMAEImageProcessor" : "AutoImageProcessor";
        String model = classes.isEmpty()
                ? "AutoModel"
                : video ? "VideoMAEForVideoClassification" : "AutoModelForImageClassification";
        String folder = JsonMapper.shared().writeValueAsString(name); // as Python quotes texts, too
        String begin = "from transformers import " + processor + ", " + model + "\n\n"
                + "processor = " + processor + ".from_pretrained(" + folder + ")\n"
                + "model = " + model + ".from_pretrained(" + folder + ")\n"
                + "inputs = processor(" + (video ? "list_of_frames" : "image") + ", return_tensors=\"pt\")\n";
        if (!classes.isEmpty()) {
            return begin + "label = model.config.id2label[model(**inputs).logits.argmax(-1).item()]\n";
        }
        // transformers makes a norm of its own where the file has none, and the mean of 'embed' comes before any.
        boolean token = spec.backbone() instanceof Vit.Config vit && vit.classToken();
        return "import torch\n" + begin
                + (video ? "model.layernorm = None\n" : "model.layernorm = torch.nn.Identity()\n")
                + "features = model(**inputs).last_hidden_state" + (token ? "[:, 1:]" : "")
                + ".mean(1)  # what 'maskfeat embed' gives: the mean over the patches, before any norm\n";
    }

    /** The same of each block is said once. */
    private List<String> told() {
        return notes.stream()
                .filter(note -> !note.contains("in config.json")) // which lies beside it
                .map(note -> note.replaceAll("\\bblocks\\.\\d+\\.", "blocks.N."))
                .distinct()
                .toList();
    }
}
