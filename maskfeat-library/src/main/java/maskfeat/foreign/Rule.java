package maskfeat.foreign;

import java.util.ArrayList;
import java.util.List;

/**
 * One of our tensors and what another program has of it: itself under another name, or parts that follow each other along
 * its first dimension. A {@code *} stands for the number of a block, a {@code #} for that of a prediction head.
 *
 * @param ours our name
 * @param theirs of each part; empty for a part that is all zeros and not stored
 * @param flat whether theirs has one dimension, where ours has others of size 1 before it
 * @param scales names that LayerScale behind the layer may have; at most one of them is in a file. It is read, not written
 */
record Rule(String ours, List<String> theirs, boolean flat, List<String> scales) {
    static final String ZEROS = "";

    Rule(String ours, String... theirs) {
        this(ours, List.of(theirs), false, List.of());
    }

    /** These rules with a scale behind the layer. */
    static List<Rule> scaled(List<Rule> layer, String... names) {
        return layer.stream()
                .map(rule -> new Rule(rule.ours, rule.theirs, rule.flat, List.of(names)))
                .toList();
    }

    /** Theirs has one dimension. */
    static Rule flat(String ours, String theirs) {
        return new Rule(ours, List.of(theirs), true, List.of());
    }

    /** Under the same name. */
    static Rule same(String name) {
        return new Rule(name, name);
    }

    /** Weight and bias of one layer. */
    static List<Rule> layer(String ours, String theirs) {
        return List.of(new Rule(ours + ".weight", theirs + ".weight"), new Rule(ours + ".bias", theirs + ".bias"));
    }

    /** This rule for each block and head. */
    List<Rule> each(int blocks, int heads) {
        List<Rule> all = new ArrayList<>();
        String place = ours.contains("*") ? "*" : "#";
        int count = ours.contains("*") ? blocks : ours.contains("#") ? heads : 1;
        for (int i = 0; i < count; i++) {
            String number = String.valueOf(i);
            all.add(new Rule(
                    ours.replace(place, number),
                    theirs.stream().map(name -> name.replace(place, number)).toList(),
                    flat,
                    scales.stream().map(name -> name.replace(place, number)).toList()));
        }
        return all;
    }
}
