package dev.postern.core.event;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.core.testkit.EventSamples;
import java.util.List;
import org.junit.jupiter.api.Test;

class EventSamplesTest {

  @Test
  void leaveNoKindOfEventOut() {
    List<Class<?>> kinds = EventSamples.all("x").stream().<Class<?>>map(Object::getClass).toList();
    assertThat(kinds).contains(SessionEvent.class.getPermittedSubclasses());
  }
}
