sleep_for(1s);  // the pace of the attack
