package maskfeat.cli;

/** A command that knows how it would do with less memory. */
interface MemoryAdvice {
    /** Of commands that only look: portions of views change what they find by rounding at most. */
    String SMALLER_BATCH = "Lower --batch: the result stays the same but for rounding.";

    /** What to change about it, a sentence or two; heap apart, which is the same for all. */
    String lessMemory();
}
