package maskfeat.recipe;

/**
 * Settings with a name.
 *
 * @param name as on the command line
 * @param summary in half a line
 * @param run all of them
 */
public record Recipe<R extends RunSettings>(String name, String summary, R run) {}
