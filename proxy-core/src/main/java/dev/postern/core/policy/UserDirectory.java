package dev.postern.core.policy;

import java.util.concurrent.CompletionStage;

/**
 * Where facts about users come from. Adapters live outside the core; they never block the caller.
 */
public interface UserDirectory {

  /**
   * Looks a user up.
   *
   * @param user the name as the client gave it
   * @return completes with the facts, {@link UserFacts#NONE} for an unknown user, or exceptionally
   *     when the directory cannot answer; the caller has a deadline of its own
   */
  CompletionStage<UserFacts> lookup(String user);
}
