package maskfeat.train;

/**
 * The loss has come down to the share of the constant prediction's at which a run is to end.
 *
 * @param epoch after which it had, counted from 1
 * @param share mean loss of that epoch over the mean loss of the best constant prediction
 * @param last epoch that is trained, counted from 1
 * @param most epochs of the plan
 */
public record GoalReached(int epoch, double share, int last, int most) {
    private static final int TENTH = 10;

    /** What follows: the epochs in which the learning rate falls to its end, a tenth of those done; at most those of the plan. */
    static GoalReached after(int epoch, double share, int most) {
        int fall = (epoch + TENTH - 1) / TENTH;
        return new GoalReached(epoch, share, Math.min(most, epoch + fall), most);
    }

    /** Whether the run ends before its plan does; otherwise the plan is kept, whose learning rate is about to end. */
    public boolean endsEarly() {
        return last < most;
    }

    /**
     * The learning rate of a step that follows, on a line to the end of the schedule. The last step has that end.
     *
     * @param step steps done before, at least {@code epoch * stepsPerEpoch}
     */
    double learningRate(Schedule schedule, long step, int stepsPerEpoch) {
        if (!endsEarly()) {
            return schedule.at((double) step / stepsPerEpoch);
        }
        double left = (double) ((long) last * stepsPerEpoch - step - 1) / ((long) (last - epoch) * stepsPerEpoch);
        double end = schedule.at(most);
        return end + (schedule.at(epoch) - end) * left;
    }
}
