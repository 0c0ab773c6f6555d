package dev.postern.deploy.cli;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.util.List;

/** A command cannot do what it was asked for. Each line of the message says what to do about it. */
final class CommandFailure extends Exception {
  private static final long serialVersionUID = 1L;

  CommandFailure(List<String> lines) {
    super(String.join(System.lineSeparator(), lines));
  }

  CommandFailure(String line, Throwable cause) {
    super(line, cause);
  }

  /** Tells of a file that cannot be used. */
  static CommandFailure of(IOException e) {
    return new CommandFailure(
        switch (e) {
          case FileAlreadyExistsException there ->
              there.getFile() + " is there already: choose another folder with --out, or --force";
          case NoSuchFileException missing ->
              missing.getFile() + " does not exist: check the name, or make the folder";
          case AccessDeniedException denied ->
              denied.getFile() + " is closed to this user: check the rights of file and folder";
          default -> "a file cannot be used: " + e.getMessage();
        },
        e);
  }
}
