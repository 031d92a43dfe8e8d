package maskfeat.cli;

import java.util.Iterator;
import java.util.List;
import maskfeat.disk.Names;
import maskfeat.run.Recipes;

/** What a shell proposes where a recipe is wanted; read when they are asked for, as that takes longer than a short command. */
final class RecipeNames implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
        return Recipes.BOOK.names().iterator();
    }

    /** In a sentence; of many the first. */
    static String some(List<String> recipes) {
        return Names.of(recipes, "'maskfeat recipes' has all");
    }

    /** Those of {@code pretrain}. */
    static final class Pretrain implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return Recipes.of(PretrainCommand.NAME).iterator();
        }
    }

    /** Those of {@code finetune}. */
    static final class Finetune implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return Recipes.of(FinetuneCommand.NAME).iterator();
        }
    }
}
